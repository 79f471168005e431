# A Docker Engine for one lab node: the engine, its run-time and iptables, nothing else.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS packages
LABEL tare.image=node
# Debian's package version, such as 26.1.5+dfsg1-9+b9; empty takes what the distribution has.
ARG ENGINE_VERSION=
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
      docker.io${ENGINE_VERSION:+=${ENGINE_VERSION}} iptables iproute2 kmod busybox-static
COPY pick-files.sh engine.files /pick/
RUN sh /pick/pick-files.sh /picked /pick/engine.files
COPY node.sh /picked/usr/sbin/node.sh
RUN chmod 755 /picked/usr/sbin/node.sh

FROM scratch
LABEL tare.image=node
COPY --from=packages /picked/ /
ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin
VOLUME /var/lib/docker
STOPSIGNAL SIGTERM
ENTRYPOINT ["docker-init", "--", "node.sh"]
