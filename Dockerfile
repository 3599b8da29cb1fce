# The gateway on Debian's Node. It runs alone, with its own PostgreSQL and local files under /data, or against a database
# of yours (DATABASE_URL). The version of Node is the one that package.json pins for everybody else.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The base image has Node already: the copy that npm scripts run on elsewhere is left out.
RUN npm ci --omit=dev && rm -rf node_modules/node node_modules/.bin/node

FROM node:24.21.0-bookworm-slim
# tini reaps what embedded PostgreSQL leaves behind; ffmpeg is what posters of videos are made with.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ffmpeg tini \
  && rm -rf /var/lib/apt/lists/* \
  && install --directory --owner=node --group=node --mode=0700 /data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# glibc keeps what threads have freed in a pool for each of them; two pools keep some 40 MiB less.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data MALLOC_ARENA_MAX=2
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "dist/main.js"]
CMD ["serve"]
