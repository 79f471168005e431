# docker-compose alone: one program that needs no more than a C library of 2023 or later.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS packages
LABEL tare.image=compose
RUN apt-get update \
 && cd /tmp \
 && apt-get download docker-compose \
 && dpkg -x docker-compose_*.deb /unpacked \
 && mkdir /picked \
 && cp "$(find /unpacked -type f -name docker-compose -perm -100 | head -n 1)" /picked/docker-compose

FROM scratch
LABEL tare.image=compose
COPY --from=packages /picked/ /
CMD ["/docker-compose"]
