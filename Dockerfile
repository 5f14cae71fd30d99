# syntax=docker/dockerfile:1
# One image for the dashboard, the API, the worker and the migrations; the command says which.

FROM python:3.13-slim-trixie AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/causeway
RUN pip install --no-cache-dir 'uv>=0.9'
WORKDIR /source
# The dependencies change seldom and come first, so that a change of the program rebuilds only the last layer.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-install-project
COPY causeway.py ./
COPY warehouse ./warehouse
COPY ml ./ml
COPY api ./api
COPY dashboard ./dashboard
COPY migrations ./migrations
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --no-editable

FROM python:3.13-slim-trixie
RUN groupadd --system --gid 10001 causeway \
    && useradd --system --uid 10001 --gid causeway --home-dir /var/lib/causeway --create-home causeway
COPY --from=build /opt/causeway /opt/causeway
ENV PATH=/opt/causeway/bin:$PATH PYTHONUNBUFFERED=1 \
    CAUSEWAY_HOME=/var/lib/causeway CAUSEWAY_HOST=0.0.0.0 CAUSEWAY_PORT=8050 CAUSEWAY_LOG_FORMAT=json
WORKDIR /var/lib/causeway
USER 10001:10001
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['CAUSEWAY_PORT'] + '/health/ready', timeout=4)"]
ENTRYPOINT ["causeway"]
CMD ["serve"]
