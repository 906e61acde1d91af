/** A `Redis` or `Cluster` of ioredis 5.4 or newer, which is not needed to use this package without it. */
export interface RedisConnection {
  readonly status: string;
  getdelBuffer(key: string): Promise<Uint8Array | null>;
}
