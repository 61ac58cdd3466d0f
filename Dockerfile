# Worker and API in one image; docker-compose.yml says which one runs. Debian, because Temporal's
# core needs glibc.
FROM node:22-bookworm-slim

ENV NODE_ENV=production MALLOC_ARENA_MAX=2
WORKDIR /app

# TLS to AWS and Temporal Cloud: the core reads the certificates of the system.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*

COPY package.json package-lock.json .npmrc ./
COPY core/package.json core/
COPY config/package.json config/
COPY datasets/package.json datasets/
COPY store/package.json store/
COPY activities/package.json activities/
COPY collector/package.json collector/
COPY workflows/package.json workflows/
COPY worker/package.json worker/
COPY api/package.json api/
COPY cli/package.json cli/
COPY stack/package.json stack/
COPY test/package.json test/
COPY bench/package.json bench/
COPY scripts/prepare.mjs scripts/
RUN node scripts/prepare.mjs --omit=dev && npm cache clean --force

COPY core core
COPY config config
COPY datasets datasets
COPY store store
COPY activities activities
COPY collector collector
COPY workflows workflows
COPY worker worker
COPY api api
COPY cli cli

# Where a worker with the role `live` keeps captures: a volume takes its owner from here.
RUN mkdir /live && chown node:node /live

USER node
CMD ["node", "--import", "tsx", "worker/main.ts"]
