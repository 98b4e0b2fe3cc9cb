"""The app that the integration tests call: every shape of answer and upload that an app may have, in constant memory."""

import asyncio
import base64
import gzip
import json
import zlib

from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

BLOCK = bytes(range(ord("a"), ord("z") + 1)) * 2521  # about 64 KiB; its end meets its beginning as Z does A

app = FastAPI(openapi_url=None)


def letters(first, count):
    """Bytes of a to z over and over, from the one at `first`."""
    start = first % 26
    return BLOCK[start:start + count]


@app.api_route("/api/json", methods=["GET", "POST"])
async def echo(request: Request):
    body = await request.body()
    return {"method": request.method, "query": dict(request.query_params), "body": json.loads(body) if body else None,
            "token": request.headers.get("authorization", "").startswith("Bearer ")}


@app.get("/api/many")
async def many(count: int):
    """JSON of some length, which nginx packs on its way."""
    return [{"id": n, "name": f"order {n}"} for n in range(count)]


@app.get("/api/packed")
async def packed(count: int):
    """The same, packed by the app."""
    text = json.dumps(await many(count), separators=(",", ":")).encode()
    return Response(gzip.compress(text), media_type="application/json", headers={"Content-Encoding": "gzip"})


@app.get("/api/status/{status}")
async def status(status: int):
    return Response(b"" if status in (204, 304) else b"status", status_code=status, media_type="text/plain")


@app.get("/api/bytes/{count}")
async def some_bytes(count: int):
    async def blocks():
        for _ in range(count // len(BLOCK)):
            yield BLOCK
        yield letters(0, count % len(BLOCK))

    return StreamingResponse(blocks(), media_type="application/octet-stream")


@app.get("/api/trickle/{count}")
async def trickle(count: int, pause: float = 0.002):
    """One byte at a time, `pause` seconds apart."""
    async def drops():
        for n in range(count):
            await asyncio.sleep(pause)
            yield letters(n, 1)

    return StreamingResponse(drops(), media_type="text/plain")


@app.get("/api/events/{count}")
async def events(count: int, end: str = "done"):
    """Server-sent events. `end`: "done" sends the marker, "silent" sends none, "cut" breaks off within the last one."""
    async def stream():
        for n in range(count):
            yield f"id: {n}\nevent: token\ndata: {json.dumps({'n': n})}\n\n"
        if end == "done":
            yield "data: [DONE]\n\n"
        elif end == "cut":
            yield "data: {\"n\""
            await asyncio.sleep(0.01)  # so that what came before is on its way
            raise RuntimeError("the stream is cut here on purpose")

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@app.api_route("/api/upload", methods=["POST", "PUT", "PATCH"])
async def upload(request: Request):
    """How many bytes came, and their CRC 32 as eight hexadecimal digits."""
    count, checksum = 0, 0
    async for piece in request.stream():
        count += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return {"bytes": count, "crc32": f"{checksum:08x}", "framing":
            "chunked" if "transfer-encoding" in request.headers else "length",
            "type": request.headers.get("content-type")}


@app.get("/api/oauth-metadata")
async def oauth_metadata(request: Request):
    return {"token_endpoint": f"https://{request.headers['host']}/api/token"}


@app.post("/api/token")
async def token(request: Request):
    """Client credentials of one service principal (RFC 6749 section 4.4)."""
    good = "Basic " + base64.b64encode(b"a-principal:a-client-secret").decode()
    if request.headers.get("authorization") != good:
        return JSONResponse({"error": "invalid_client"}, status_code=401)
    return {"access_token": "a-token-of-the-app", "token_type": "Bearer", "expires_in": 3600}


@app.post("/api/early")
async def early():
    """Answers without having read the body."""
    return Response(b"no more, please", status_code=413, media_type="text/plain")


@app.post("/api/form")
async def form(request: Request):
    """What a multipart form holds: its fields, and of its files the name, type, size and CRC 32."""
    fields, files = {}, []
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            fields[name] = value
            continue
        content = await value.read()
        files.append({"field": name, "name": value.filename, "type": value.content_type, "bytes": len(content),
                      "crc32": f"{zlib.crc32(content):08x}"})
    return {"fields": fields, "files": files}
