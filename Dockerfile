# whatsit as an image, for who would rather not install it. (What goes online is a kit: whatsit deploy RUN OUT --to docker.)
#
#   docker build -t whatsit .                                 the base; with extras: --build-arg EXTRAS=clean,parquet
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" whatsit train animals
#   docker run --rm -v "$PWD:/work:ro" -p 127.0.0.1:8000:8000 whatsit serve runs/animals --host 0.0.0.0
#
# Any image with Python 3.11 or newer, glibc, venv and apt. To build the same again and again, name it by digest:
#   docker buildx imagetools inspect python:3.13-slim --format '{{.Manifest.Digest}}'
#   docker build --build-arg BASE=python:3.13-slim@sha256:… -t whatsit .
ARG BASE=python:3.13-slim
# hadolint ignore=DL3006
FROM ${BASE} AS packages
ARG EXTRAS=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml constraints.txt README.md LICENSE /source/
COPY tools/published.py /source/tools/
COPY src /source/src
RUN python3 -m venv /app \
 && /app/bin/pip install --quiet --constraint /source/constraints.txt "/source${EXTRAS:+[$EXTRAS]}" \
 && /app/bin/pip uninstall --quiet --yes pip

# hadolint ignore=DL3006
FROM ${BASE}
# Fonts for what is written on sheets of photos and charts.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --quiet --yes --no-install-recommends fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && install --directory --mode=1777 /cache /work
COPY --from=packages /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 WHATSIT_CACHE=/cache
USER 10001:10001
WORKDIR /work
EXPOSE 8000
ENTRYPOINT ["whatsit"]
CMD ["--help"]
