# The web side: browses a database, has no PyTorch, writes nothing.

FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY precompute precompute
COPY static static
COPY templates templates
RUN pip install --no-cache-dir --prefix=/installed .

FROM python:3.13-slim AS web
COPY --from=build /installed /usr/local
RUN useradd --system --no-create-home --uid 10001 microscope
USER microscope
ENV MICROSCOPE_HOST=0.0.0.0 \
    MICROSCOPE_PORT=8000 \
    PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["microscope", "serve"]
