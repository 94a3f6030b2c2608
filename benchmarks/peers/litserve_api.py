"""LitServe, a worker a core; it takes JSON, so photos come as base64."""

import base64
import os

import litserve


class Api(litserve.LitAPI):
    def setup(self, device):  # noqa: ARG002  # the signature LitServe calls
        from work import answer

        self.answer = answer

    def decode_request(self, request):
        return base64.b64decode(request["photo"])

    def predict(self, content):
        return self.answer(content)

    def encode_response(self, output):
        return output


if __name__ == "__main__":
    workers = len(os.sched_getaffinity(0))
    server = litserve.LitServer(Api(), accelerator="cpu", workers_per_device=workers)
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), generate_client_file=False, log_level="error")
