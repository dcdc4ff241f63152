# One image for everything: `docker run seogo` serves; any other subcommand runs in its place.
# The Debian release is named too: a floating one changes the C library under the wheels.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY db/ db/
COPY encoders/ encoders/
COPY flows/ flows/
COPY inputs/ inputs/
COPY examples/ examples/
COPY jobs/ jobs/
COPY migrations/ migrations/
COPY service/ service/
COPY sql/ sql/
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM ${PYTHON_IMAGE} AS install
# "local,models" for the GPU, whose torch comes with its own CUDA.
ARG EXTRAS=local
COPY --from=wheel /wheels/ /wheels/
COPY constraints.txt /
RUN python -m venv /opt/seogo \
    && wheel="$(echo /wheels/seogo-*.whl)" \
    && /opt/seogo/bin/pip install --no-cache-dir -c /constraints.txt "${wheel}[${EXTRAS}]"

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="seogo" \
      org.opencontainers.image.description="A search appliance inside PostgreSQL" \
      org.opencontainers.image.licenses="Apache-2.0"
# The folders belong to the user before they become volumes: a new volume takes its owner from here.
RUN useradd --uid 10001 --user-group --create-home --shell /usr/sbin/nologin seogo \
    && install -d -o seogo -g seogo /var/lib/seogo /var/lib/seogo/models /var/lib/seogo/backups
COPY --from=install /opt/seogo /opt/seogo
COPY LICENSE /usr/share/doc/seogo/LICENSE
ENV PATH=/opt/seogo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SEOGO_MODELS=/var/lib/seogo/models
USER seogo
WORKDIR /home/seogo
VOLUME ["/var/lib/seogo/models"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["seogo"]
CMD ["serve", "--host", "0.0.0.0"]
