/** A `Redis` or `Cluster` of ioredis 5.4 or newer. Applications without Redis need not install ioredis. */
export interface RedisConnection {
  readonly status: string;
  getdelBuffer(key: string): Promise<Uint8Array | null>;
}
