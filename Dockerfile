# Builds the server of the indicator exchange into a small image. Needs BuildKit, the default builder since Docker 23.
#
#   docker build -t indicator-exchange .
#   docker run --rm -p 8080:8080 indicator-exchange serve --demo

FROM rust:1.95-slim-bookworm AS builder
# The slim image brings gcc and the C library's headers. SQLite and the cryptography library (aws-lc-sys) need no more: on
# x86-64 and ARM64 Linux the latter compiles with the C compiler alone and has its bindings ready. On another platform,
# install `build-essential cmake clang` here.
WORKDIR /src
# Manifests first: the downloaded dependencies are a layer that changes only with the lock file.
COPY Cargo.toml Cargo.lock ./
COPY api/Cargo.toml api/
COPY bench/Cargo.toml bench/
COPY entity/Cargo.toml entity/
COPY exchange/Cargo.toml exchange/
COPY migration/Cargo.toml migration/
COPY schema/Cargo.toml schema/
COPY tests/Cargo.toml tests/
RUN for crate in api bench entity exchange migration schema tests; do mkdir -p $crate/src && touch $crate/src/lib.rs; done \
    && touch api/src/main.rs bench/src/main.rs \
    && cargo fetch --locked
COPY . .
# For traces by OpenTelemetry add `--features otel` to the build.
# What was compiled stays in the builder's cache, not in a layer; the program is copied out of it.
RUN --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --profile dist --locked --offline --bin indicator-exchange \
    && install -D target/dist/indicator-exchange /out/indicator-exchange

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="indicator-exchange" \
      org.opencontainers.image.description="The service through which crime and disorder reduction partnerships exchange their performance indicators" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.base.name="debian:bookworm-slim"
# A fixed number, so that whoever mounts a folder or a secret knows to whom it must be readable.
# The root certificates are for fetching the keys of issuers of tokens.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 exchange \
    && useradd --uid 10001 --gid exchange --no-create-home --home-dir /data --shell /usr/sbin/nologin exchange \
    && install -d -o exchange -g exchange -m 0750 /data
COPY --from=builder /out/indicator-exchange /usr/local/bin/indicator-exchange
USER 10001:10001
WORKDIR /data
VOLUME /data
# Without PostgreSQL the data is a file in the volume.
ENV LISTEN=0.0.0.0:8080 \
    DATABASE_URL=sqlite:///data/indicator-exchange.sqlite
EXPOSE 8080
STOPSIGNAL SIGTERM
# Whether the server lives. Bash speaks TCP by itself, so that the image needs no client. A load balancer asks /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${LISTEN##*:} && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '\"status\":\"ok\"' <&3"]
ENTRYPOINT ["indicator-exchange"]
CMD ["serve"]
