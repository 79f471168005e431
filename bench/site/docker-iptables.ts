/**
 * Shell script that prints which iptables program sees the engine's rules, nft's or the legacy one: each knows only its
 * own. Prints nothing where neither does.
 */
export const findIptables =
  'for i in iptables-nft iptables-legacy; do $i -w -t nat -S DOCKER >/dev/null 2>&1 && echo $i && break; done';
