"""Gradio's interface, asked through its API; photos come as base64 in JSON."""

import base64
import os

import gradio
from work import LANES, answer


def predict(photo: str) -> dict:
    return answer(base64.b64decode(photo))


if __name__ == "__main__":
    page = gradio.Interface(predict, gradio.Textbox(), gradio.JSON(), api_name="predict", concurrency_limit=LANES)
    page.launch(server_name="127.0.0.1", server_port=int(os.environ["PORT"]), quiet=True)
