#!/bin/sh
# Subject:  PyJWT and a JWK whose "alg" is "Ed25519".
# Versions: PyJWT 2.15.1 and the cryptography of its extra "crypto", on Python 3.9 or newer.
# Expected: RFC 9864 (October 2025) registers "Ed25519" and deprecates "EdDSA". A key set with a valid Ed25519 key
#           under that name gives a key, and a token under it verifies.
# Happens:  PyJWK says "Unable to find an algorithm for key". PyJWKSet passes the key over in silence, and says of a
#           set without another key that none is usable. The algorithm "Ed25519" is not supported for tokens either.
#           The same key and signature under "EdDSA" work.
# Source:   https://www.rfc-editor.org/rfc/rfc9864, https://github.com/jpadilla/pyjwt/issues/1190
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'PyJWT[crypto]==2.15.1'

cat > "$folder/try.py" <<'PY'
import base64, json, time
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

b64u = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
private = Ed25519PrivateKey.generate()
x = b64u(private.public_key().public_bytes_raw())


def token(alg):
    parts = [{"alg": alg}, {"sub": "alice", "exp": int(time.time()) + 600}]
    head = ".".join(b64u(json.dumps(part).encode()) for part in parts)
    return f"{head}.{b64u(private.sign(head.encode()))}"


def outcome(work):
    try:
        work()
        return "works"
    except jwt.PyJWTError as error:
        return type(error).__name__


plain = jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "x": x})
for alg in ["EdDSA", "Ed25519"]:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x, "alg": alg}
    print(alg, "PyJWK:", outcome(lambda: jwt.PyJWK(jwk)))
    print(alg, "PyJWKSet:", outcome(lambda: jwt.PyJWKSet.from_dict({"keys": [jwk]})))
    print(alg, "token:", outcome(lambda: jwt.decode(token(alg), plain.key, algorithms=["EdDSA", "Ed25519"])))
PY

seen=$("$folder/venv/bin/python" "$folder/try.py")
echo "$seen"
test "$seen" = 'EdDSA PyJWK: works
EdDSA PyJWKSet: works
EdDSA token: works
Ed25519 PyJWK: PyJWKError
Ed25519 PyJWKSet: PyJWKSetError
Ed25519 token: InvalidAlgorithmError'
