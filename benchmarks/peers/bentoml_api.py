"""BentoML, a thread a core; photos come as base64 in JSON."""

import base64
import os

import bentoml


@bentoml.service(workers=1, traffic={"timeout": 30}, threads=len(os.sched_getaffinity(0)))
class Photos:
    def __init__(self):
        from work import answer

        self.answer = answer

    @bentoml.api
    def predict(self, photo: str) -> dict:
        return self.answer(base64.b64decode(photo))
