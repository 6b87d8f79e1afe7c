# Three images: `web` shows a database and has no PyTorch, `precompute` fills one, `ray` does so on
# many machines. Who builds `web` builds a small demo on the way, with a PyTorch that is left behind.
#
#   TORCH_INDEX    where pip looks for PyTorch besides its usual index; by default nowhere
#   DEMO_DATA      whether `web` carries the demo: yes or no
ARG DEMO_DATA=yes

FROM python:3.13-slim-bookworm AS base
RUN useradd --system --no-create-home --uid 10001 microscope
ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

# What is ours, as a wheel.
FROM base AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY precompute precompute
COPY static static
COPY templates templates
RUN pip wheel --no-deps --wheel-dir=/wheels .

# What `web` installs: exactly what requirements/web.txt names, by its hashes.
FROM base AS web-packages
WORKDIR /source
COPY requirements/web.txt requirements/web.txt
RUN pip install --prefix=/installed --require-hashes --requirement=requirements/web.txt
COPY --from=wheel /wheels /wheels
# hadolint ignore=DL3013
RUN pip install --prefix=/installed --no-deps --no-index /wheels/*.whl

# What pyproject.toml asks for, before our own code: a change of the code installs no PyTorch again.
FROM base AS torch
ARG TORCH_INDEX=""
WORKDIR /source
COPY pyproject.toml deploy/requirements.py ./
# hadolint ignore=DL3013
RUN mkdir /cache \
    && chown microscope:microscope /cache \
    && python requirements.py precompute > requirements.txt \
    && pip install ${TORCH_INDEX:+--extra-index-url="$TORCH_INDEX"} --requirement=requirements.txt
ENV MICROSCOPE_HOME=/cache

FROM torch AS precompute
COPY --from=wheel /wheels /wheels
# hadolint ignore=DL3013
RUN pip install --no-deps --no-index /wheels/*.whl
WORKDIR /cache
USER 10001
CMD ["microscope", "precompute", "--help"]

FROM torch AS ray-packages
RUN python requirements.py ray > requirements.txt \
    && pip install --requirement=requirements.txt

FROM ray-packages AS ray
COPY --from=wheel /wheels /wheels
COPY --chmod=755 deploy/on-ray.sh /usr/local/bin/microscope-on-ray
# hadolint ignore=DL3013
RUN pip install --no-deps --no-index /wheels/*.whl
ENV RAY_USAGE_STATS_ENABLED=0
WORKDIR /cache
USER 10001
CMD ["microscope", "precompute", "--help"]

# The toy network, its pictures and its examples: some minutes of two cores. Other builders than the
# one that is asked for are not run.
FROM precompute AS demo-yes
RUN MICROSCOPE_HOME=/nowhere microscope demo --no-serve --database /cache/demo.db
FROM base AS demo-no
RUN mkdir /cache \
    && touch /cache/demo.db
# hadolint ignore=DL3006
FROM demo-${DEMO_DATA} AS demo

FROM base AS web
COPY --from=web-packages /installed /usr/local
COPY --from=demo --chmod=444 /cache/demo.db /usr/local/share/microscope/demo.db
COPY --chmod=755 deploy/first-start.sh /usr/local/bin/microscope-first-start
USER 10001
# Any other number may be the user as well: none needs a home.
ENV HOME=/tmp \
    MICROSCOPE_HOST=0.0.0.0 \
    MICROSCOPE_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["microscope", "serve"]
