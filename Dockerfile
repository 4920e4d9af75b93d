# goldstream as a small image: Debian, and one binary with the page inside.
#   docker build -t goldstream .                        as `make build` builds it
#   docker build -t goldstream --build-arg PROFILE=ci . quicker to build, slower to run
ARG NODE_VERSION=24
ARG RUST_VERSION=1.95
ARG DEBIAN_VERSION=bookworm

FROM node:${NODE_VERSION}-${DEBIAN_VERSION}-slim AS page
WORKDIR /src/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --cache /var/cache/npm --no-fund --no-audit
COPY dashboard ./
RUN npm run build --silent

FROM rust:${RUST_VERSION}-${DEBIAN_VERSION} AS binary
ARG PROFILE=release
WORKDIR /src
COPY . .
COPY --from=page /src/dashboard/dist dashboard/dist
# What was built once is kept beside the layers. Cargo goes by the age of files, and files of an older
# checkout may be younger than what was built of newer ones: our own sources are always looked at.
# OpenSSL, for TLS to Kafka, is linked in: the last image has none.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    find . -path ./target -prune -o -type f -exec touch {} + \
    && export OPENSSL_STATIC=1 OPENSSL_INCLUDE_DIR=/usr/include OPENSSL_LIB_DIR="/usr/lib/$(cc -print-multiarch)" \
    && cargo build --locked --profile "$PROFILE" --features kafka-tls --bin goldstream \
    && strip --strip-debug -o /goldstream "target/$PROFILE/goldstream" \
    && if ldd /goldstream | grep -E "libssl|libcrypto"; then echo "OpenSSL is not linked in" >&2; exit 1; fi

FROM debian:${DEBIAN_VERSION}-slim
COPY --from=binary /goldstream /usr/local/bin/goldstream
# Whom the world trusts, for TLS to Kafka, Redis and S3 where no other is named.
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# A store of one process, if there is one, stands in the working directory.
RUN install -d -o 10001 -g 10001 /data
WORKDIR /data
USER 10001:10001
# Memory that every container has, and may write where its root is read-only: locks of instance names, the heartbeat.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ENV TMPDIR=/dev/shm GOLDSTREAM_HEARTBEAT=/dev/shm/goldstream-heartbeat
# Its own loopback is nobody else's; who may come in is decided where the port is published.
ENV GOLDSTREAM_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["goldstream", "health"]
ENTRYPOINT ["goldstream"]
CMD ["--help"]
