"""Bare Starlette on uvicorn: the photo as the body, a thread a core, nothing else."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from work import LANES, answer

lanes = ThreadPoolExecutor(LANES)


async def predict(request):
    content = await request.body()
    return JSONResponse(await asyncio.get_running_loop().run_in_executor(lanes, answer, content))


if __name__ == "__main__":
    app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
