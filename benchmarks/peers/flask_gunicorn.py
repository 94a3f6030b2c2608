"""Flask behind gunicorn: `gunicorn --workers 2 --threads 1 flask_gunicorn:app`."""

from flask import Flask, jsonify, request
from work import answer

app = Flask(__name__)


@app.post("/predict")
def predict():
    return jsonify(answer(request.get_data()))
