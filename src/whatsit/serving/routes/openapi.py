"""The API as an OpenAPI 3.1 document, kept by hand.

By hand, as photos come as raw bytes, which frameworks describe badly, and as every refusal is listed with its
sentence. Tests hold it against the routes, and a fuzzer holds the server against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whatsit.image import WEB_TYPES
from whatsit.serving.door import refusals as no
from whatsit.serving.door.refusals import Refusal
from whatsit.version import __version__

PHOTO_TYPES = (*WEB_TYPES, "application/octet-stream")
ANSWER = {
    "label": "tabby",
    "probability": 0.93,
    "probabilities": {"tabby": 0.93, "fox": 0.05, "owl": 0.02},
    "could_be": ["tabby"],
    "known": True,
    "distance": 0.21,
    "name": "",
    "reason": "",
}


def describe(models: Sequence[str], classes: Sequence[str], has_token: bool) -> dict[str, Any]:
    """The OpenAPI document of a server.

    classes: of its model; empty where it has several, or too many to list
    """
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "whatsit",
            "version": __version__,
            "description": "Ask an image classifier about photos.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(_model(models), classes),
        "components": {"schemas": _schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }
    return whole | ({"security": [{"token": []}]} if has_token else {})


_TOP = {
    "name": "top",
    "in": "query",
    "description": "Give only this many classes, the likeliest first.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}
_REFUSED_PHOTO = (
    no.NO_PHOTO, no.BAD_FORM, no.BAD_JSON, no.BAD_BASE64, no.BAD_QUERY, no.NEEDS_TOKEN, no.WRONG_TOKEN,
    no.CROSS_SITE, no.NO_ADDRESSES, no.NO_MODEL,
    no.SLOW_BODY, no.BODY_TOO_LARGE, no.TOO_MUCH_MEMORY, no.TOO_MANY, no.WRONG_TYPE, no.WRONG_HOST, no.UNREADABLE,
    no.UNUSABLE, no.TOO_OFTEN, no.BUG, no.BUSY, no.NO_MEMORY, no.LATE,
)  # fmt: skip


def _paths(model: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    return {
        "/api/predict": {
            "post": {
                "operationId": "predict",
                "summary": "What is in a photo",
                "description": "A photo as the body, photos as a form, or an address where that is enabled.",
                "parameters": [model, _TOP],
                "requestBody": {"required": True, "content": _photo_content(_form(), _url())},
                "responses": {
                    "200": {
                        "description": "An answer for one photo, a list of answers for a form.",
                        "content": _json(
                            {"oneOf": [_ref("Answer"), _ref("Answers")]}, ANSWER, also={"answers": [ANSWER]}
                        ),
                    },
                    **_refusals(*_REFUSED_PHOTO),
                },
            }
        },
        "/api/hf": {
            "post": {
                "operationId": "predictAsHuggingFace",
                "summary": "The likeliest classes, as Hugging Face's clients expect them",
                "parameters": [model],
                "requestBody": {"required": True, "content": _photo_content(_inputs())},
                "responses": {
                    "200": {
                        "description": "Classes, best first.",
                        "content": _json(_ref("Scores"), [{"label": "tabby", "score": 0.93}]),
                    },
                    **_refusals(*_REFUSED_PHOTO, no.ONLY_SOFTMAX),
                },
            }
        },
        "/api/why": {
            "post": {
                "operationId": "why",
                "summary": "Where in a photo that lies which speaks for a class",
                "parameters": [model, _class("One of the model's classes.", classes, required=True)],
                "requestBody": {"required": True, "content": _photo_content()},
                "responses": {
                    "200": {
                        "description": "A coarse map, 1 where most speaks for the class.",
                        "content": _json(
                            _ref("Why"), {"class": "tabby", "map": [[0.0, 0.4], [0.1, 1.0]], "box": [0, 0, 1, 1]}
                        ),
                    },
                    **_refusals(*_REFUSED_PHOTO, no.NO_CLASS),
                },
            }
        },
        "/api/corrections": {
            "post": {
                "operationId": "correct",
                "summary": "Keep a photo with the class it really has, for the next training",
                "parameters": [model, _class("What it is; none of them without.", classes, required=False)],
                "requestBody": {"required": True, "content": _photo_content()},
                "responses": {
                    "200": {
                        "description": "What it is kept as.",
                        "content": _json(_ref("Kept"), {"kept": "0d9f….jpg", "class": "fox"}),
                    },
                    **_refusals(*_REFUSED_PHOTO, no.NO_CORRECTIONS, no.NO_CLASS, no.TOO_MANY_CORRECTIONS, no.FULL),
                },
            }
        },
        "/api/models": {
            "get": {
                "operationId": "models",
                "summary": "The models, their classes and their cards",
                "responses": {
                    "200": {"description": "The models; the first is asked where none is named.",
                            "content": _json(_ref("Models"), None)},
                    **_refusals(no.NEEDS_TOKEN, no.WRONG_TOKEN, no.WRONG_HOST),
                },
            }
        },
    }  # fmt: skip


def _photo_content(*more: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {kind: {} for kind in PHOTO_TYPES}
    for one in more:
        content.update(one)
    return content


def _form() -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    photos = {"type": "array", "items": file, "minItems": 1}
    schema = {"type": "object", "properties": {"photo": photos}, "required": ["photo"]}
    return {"multipart/form-data": {"schema": schema}}


def _url() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"url": {"type": "string", "format": "uri"}}, "required": ["url"]}
    return {"application/json": {"schema": schema, "example": {"url": "https://example.org/tabby.jpg"}}}


def _inputs() -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {
            "top_k": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
            "function_to_apply": {"enum": ["softmax"]},
        },
    }
    inputs = {"type": "string", "contentEncoding": "base64"}
    schema = {
        "type": "object",
        "properties": {"inputs": inputs, "parameters": parameters},
        "required": ["inputs"],
    }
    return {"application/json": {"schema": schema}}


def _model(names: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "model",
        "in": "query",
        "description": "One of /api/models; the first where none is named.",
        "schema": {"enum": list(names)},
    }


def _class(description: str, classes: Sequence[str], required: bool) -> dict[str, Any]:
    return {
        "name": "class",
        "in": "query",
        "required": required,
        "description": description,
        "schema": {"enum": list(classes)} if classes else {"type": "string"},
    }


def _json(schema: dict[str, Any], example: Any, also: Any = None) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": schema}
    if also is not None:
        described["examples"] = {"one photo": {"value": example}, "a form": {"value": also}}
    elif example is not None:
        described["example"] = example
    return {"application/json": described}


def _refusals(*kinds: Refusal) -> dict[str, Any]:
    """The responses for these refusals, by status, each with its sentences as examples."""
    by_status: dict[str, list[Refusal]] = {}
    for kind in sorted(kinds, key=lambda one: one.status):
        by_status.setdefault(str(kind.status), []).append(kind)
    return {
        status: {
            "description": " Or: ".join(kind.error for kind in group),
            "content": {
                "application/json": {
                    "schema": _ref("Error"),
                    "examples": {kind.code: {"value": kind.body()} for kind in group},
                }
            },
        }
        for status, group in by_status.items()
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": required | more, "required": list(required)}


def _schemas() -> dict[str, Any]:
    text = {"type": "string"}
    share = {"type": "number", "minimum": 0, "maximum": 1.0000001}  # a float32 above 1 by its rounding
    texts = {"type": "array", "items": text}
    return {
        "Answer": _object(
            {
                "label": text | {"description": "The likeliest class; empty where there is no answer."},
                "probability": share,
                "probabilities": {"type": "object", "additionalProperties": share},
                "could_be": texts
                | {"description": "The classes that cannot be ruled out; none: less sure than usual."},
                "known": {"type": "boolean", "description": "False: not one of these."},
                "distance": {"type": ["number", "null"], "description": "How strange the photo is."},
                "name": text | {"description": "What the sender calls the photo."},
                "reason": text | {"description": "Why there is no answer, else empty."},
            },
            sure={
                "type": "boolean",
                "description": "False: not sure, by what was wished of the model; only where something was.",
            },
        ),
        "Answers": _object({"answers": {"type": "array", "items": _ref("Answer")}}),
        "Scores": {"type": "array", "items": _object({"label": text, "score": share})},
        "Why": _object(
            {
                "class": text,
                "map": {"type": "array", "items": {"type": "array", "items": share}},
                "box": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
            }
        ),
        "Kept": _object({"kept": text, "class": text}),
        "Models": _object(
            {
                "models": {
                    "type": "array",
                    "items": _object(
                        {
                            "name": text,
                            "classes": texts,
                            "size": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
                            "digest": text,
                            "card": {"type": "object"},
                        }
                    ),
                }
            }
        ),
        "Error": _object({"error": text, "hint": text}) | {"additionalProperties": False},
    }
