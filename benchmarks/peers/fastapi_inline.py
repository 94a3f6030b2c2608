"""FastAPI as most tutorials have it: the model asked inside an `async def`."""

import os

import uvicorn
from fastapi import FastAPI, Request
from work import answer

app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    return answer(await request.body())


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error")
