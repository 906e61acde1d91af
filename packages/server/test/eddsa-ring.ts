/**
 * A ring of the release before RFC 9864, once rotated at {@link eddsaRingAtMs}. Its keys sign by the older name of
 * Ed25519. They were made for tests.
 */
export const eddsaRing = `{
  "zkpAuthKeys": 2,
  "keys": [
    {
      "jwk": {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "kqmrIKQsRoqIRdMAF57Pu4PpczE2Snc_mQ2MW8UWnhI",
        "kid": "4XxOFJLrhXR2GdvdRe1AfPLpvTsD9J1mmwGscjPtN6c",
        "alg": "EdDSA",
        "d": "ApU9OmYNGTds7GCZWOADRajFHT32fr91DF7WTj2dJhE"
      },
      "state": "active",
      "publishedAtMs": 1700000000000
    },
    {
      "jwk": {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "dsIYR06hJPHEKx2GaPz0Z83iDIz_isH9NVB1LDv-nWY",
        "kid": "WW3NB6z-6LCGr5G2BYhgllr3zAn8hnmecnijDCPHVJk",
        "alg": "EdDSA",
        "d": "7QOGIbYo3t_R2no-XS-3sdEWQQ2tlvmz3GB7LPZYDVI"
      },
      "state": "next",
      "publishedAtMs": 1700000000000
    },
    {
      "jwk": {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "If4MhEzYleacrB9o101vccfTK-MjecK3gVeIGHCAJrU",
        "kid": "kUGX69dQkrxgMTlFvqEcbmqQ1oPsYtXey7IWGRGL1OM",
        "alg": "EdDSA",
        "d": "WIg5oPiqP6I056PiJFh6xS8JG6Ufdu7IH90WxMHeeDA"
      },
      "state": "retiring",
      "publishedAtMs": 1700000000000,
      "retiredAtMs": 1700000000000
    }
  ],
  "keepMs": 660000,
  "sessionSecrets": [
    {
      "id": "uvw2ydX5LaLRnXh0CqnvlQ",
      "secret": "d5zfz7VXEwI9ndc7HarT8j76svY6PLz4svjDdT3TJjI"
    }
  ]
}
`;

export const eddsaRingAtMs = 1_700_000_000_000;

/** The key set that the release published. */
export const eddsaJwks = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: 'kqmrIKQsRoqIRdMAF57Pu4PpczE2Snc_mQ2MW8UWnhI',
      kid: '4XxOFJLrhXR2GdvdRe1AfPLpvTsD9J1mmwGscjPtN6c',
      alg: 'EdDSA',
      use: 'sig',
    },
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: 'dsIYR06hJPHEKx2GaPz0Z83iDIz_isH9NVB1LDv-nWY',
      kid: 'WW3NB6z-6LCGr5G2BYhgllr3zAn8hnmecnijDCPHVJk',
      alg: 'EdDSA',
      use: 'sig',
    },
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: 'If4MhEzYleacrB9o101vccfTK-MjecK3gVeIGHCAJrU',
      kid: 'kUGX69dQkrxgMTlFvqEcbmqQ1oPsYtXey7IWGRGL1OM',
      alg: 'EdDSA',
      use: 'sig',
    },
  ],
};

/** A token of its first key, from that time. */
export const eddsaToken =
  'eyJhbGciOiJFZERTQSIsImtpZCI6ImtVR1g2OWRRa3J4Z01UbEZ2cUVjYm1xUTFvUHNZdFhleTdJV0dSR0wxT00iLCJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsImF1ZCI6Imh0dHBzOi8vYS5leGFtcGxlIiwic3ViIjoiYWxpY2UiLCJjcmVkZW50aWFsX2lkIjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQSIsInNpZCI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEiLCJqdGkiOiJhY2Y4MzEwYy1mZjZkLTRhNTAtOWEzMC1kODA1NTA2N2VmMTYiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwNjAwLCJhdXRoX3RpbWUiOjE3MDAwMDAwMDB9.s6HSeIzOX6rbimoZgBwAF-V2y8bSMWhdIn88mOHCI6Ep7ZfpnTkwgxjGfaSEBcEL510Ny88jWesSNZoRV-0XCg';
