# The REST service. Build: docker build -t whymove:0.1.0 .   (docker-compose.yml runs it beside Neo4j)
FROM python:3.13-slim-trixie AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/whymove
COPY requirements.lock requirements-build.lock ./
RUN /opt/whymove/bin/pip install --require-hashes -r requirements.lock
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY api ./api
COPY graph ./graph
COPY causal ./causal
COPY ingest ./ingest
RUN /opt/build/bin/python -m hatchling build -t wheel -d /opt/wheel \
    && /opt/whymove/bin/pip install --no-deps --no-index /opt/wheel/*.whl

FROM python:3.13-slim-trixie
RUN groupadd --gid 10001 whymove \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin whymove \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/whymove /var/lib/whymove/keys /var/lib/whymove/audit
COPY --from=build /opt/whymove /opt/whymove
ENV PATH=/opt/whymove/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WHYMOVE_DATA=/var/lib/whymove \
    WHYMOVE_HOST=0.0.0.0 \
    WHYMOVE_AUTH=required \
    WHYMOVE_PORT=8000 \
    WHYMOVE_LOG_FORMAT=json
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["whymove", "serve"]
