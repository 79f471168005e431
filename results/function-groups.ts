import type { FunctionCount } from './function-counts.ts';

/** What an engineer calls the parts of a packet's path, in the order in which a reader meets them. */
export const functionGroups = [
  'user space',
  'system calls',
  'security checks',
  'sockets',
  'TCP',
  'UDP',
  'IP and routing',
  'packet buffers',
  'device layer',
  'veth',
  'bridge',
  'macvlan, ipvlan',
  'VXLAN',
  'IPsec',
  'IPVS',
  'connection tracking',
  'NAT',
  'filter',
  'BPF',
  'scheduler',
  'timers and clocks',
  'interrupts',
  'locks and RCU',
  'memory and data structures',
  'CPU mitigations',
  'other',
] as const;
export type FunctionGroup = (typeof functionGroups)[number];

/**
 * Modules that belong to one group whole. Kernels that have them built in are known by the names below, which follow the
 * kernel's own prefixes.
 */
const byModule: readonly (readonly [FunctionGroup, RegExp])[] = [
  ['user space', /^user$/],
  [
    'NAT',
    /^(nf_nat|nft_nat|nft_masq|nft_redir|nft_chain_nat|iptable_nat|ip6table_nat|xt_MASQUERADE|xt_nat)$/,
  ],
  ['connection tracking', /^(nf_conntrack|nf_defrag_|nft_ct|xt_conntrack|nf_conncount)/],
  ['filter', /^(nf_tables|nft_|x_tables|ip6?_tables|ip6?table_|xt_|ip_set|nfnetlink)/],
  ['bridge', /^(bridge|br_netfilter|stp|llc)$/],
  ['veth', /^veth$/],
  ['macvlan, ipvlan', /^(macvlan|macvtap|ipvlan|ipvtap)$/],
  ['VXLAN', /^(vxlan|geneve|udp_tunnel|ip6_udp_tunnel|ip_tunnel)$/],
  ['IPVS', /^ip_vs/],
  [
    'IPsec',
    /^(esp[46]|ah[46]|xfrm_|ipcomp|aesni_intel|ghash_|gf128mul|cryptd|crypto_|sha\d|hmac|authenc|seqiv|echainiv|cbc|ctr|gcm|aes_|libaes)/,
  ],
  ['device layer', /^(virtio_net|tun|tap|dummy|net_failover|failover|af_packet|sch_)/],
  ['security checks', /^(apparmor|selinux)$/],
];

/** The first that fits counts. Suffixes that compilers add (`.isra.0`, `.cold`) are cut off before. */
const byName: readonly (readonly [FunctionGroup, RegExp])[] = [
  [
    'CPU mitigations',
    /^_*(x86_indirect|x86_return|indirect_thunk|retpoline|srso|retbleed|its_|clear_bhb|bhi_|entry_(ibpb|untrain)|write_ibpb|zen_untrain|fill_return|mds_|switch_to_cond)/,
  ],
  ['NAT', /^(nf_nat|nft_nat|nft_masq|nft_chain_nat|iptable_nat|ipt_.*nat|masq_|nf_xfrm_me_harder|nat_)/],
  [
    'connection tracking',
    /^_*(nf_ct|nf_conntrack|nf_confirm|nf_conn|nf_l4proto|nf_defrag|nf_tcp_|nft_ct|nf_checksum|nf_ip_checksum|nf_ip6_checksum|hash_conntrack|hash_tuple|resolve_normal_ct|conntrack_mt|early_drop|gc_worker|tcp_in_window|tcp_error|tcp_new$|tcp_options$|tcp_sack$|udp_error|ip_conntrack|ipv4_conntrack|ipv4_confirm|destroy_conntrack|init_conntrack|death_by|siphash|hsiphash|get_l4proto|ct_|nf_inet_addr|ctnetlink)/,
  ],
  [
    'filter',
    /^_*(nft_|nf_tables|nf_hook|nf_iterate|nf_log|nf_queue|nf_route|nf_ip|nf_reroute|ipt_|iptable_|ip6t_|ip6table_|xt_|ip_set|match_|ipv4_hooks|nfnl|nfqnl|set_match|ip_packet_match|compat_do_ipt|nf_)/,
  ],
  [
    'bridge',
    /^_*(br_|fdb_|bridge_|nf_bridge|brnf_|ebt_|deliver_clone|maybe_deliver|should_deliver|should_learn|setup_pre_routing|nbp_|ip_sabotage_in|stp_|llc_|vlan_tunnel|mdb_)/,
  ],
  ['veth', /^_*veth_/],
  ['macvlan, ipvlan', /^_*(macvlan|macvtap|ipvlan|ipvtap|ipvlan_)/],
  ['VXLAN', /^_*(vxlan|udp_tunnel|udp_sock_create|iptunnel|ip_tunnel|gro_cell|geneve|tunnel)/],
  ['IPVS', /^_*ip_vs/],
  [
    'IPsec',
    /^_*(xfrm|esp[46]?_|esp_|ah4?_|crypto|aead|aes|gcm|ghash|gf128|clmul|polyval|cryptd|scatterwalk|skcipher|ablkcipher|blkcipher|shash|ahash|sha\d|sha_|hmac|authenc|cbc_|ctr_|seqiv|echainiv|simd_|pfkey|km_|padata|sg_(init|next|copy|chain|nents)|skb_to_sgvec|skb_cow_data|kernel_fpu|irq_fpu)/,
  ],
  ['BPF', /^_*(generated-code|bpf_|cgroup_bpf|xdp_|sk_filter|bpf|run_filter|tcx_|cls_bpf|dev_map)/],
  [
    'security checks',
    /^_*(security_|apparmor_|aa_|selinux_|avc_|cap_|smack_|tomoyo_|landlock_|lsm_|unix_label|label_|apparmor|ns_capable|capable|seccomp|populate_seccomp|audit|cred_|get_label|begin_current_label|end_current_label|integrity_|ima_|yama_|profile_|hook_)/,
  ],
  [
    'UDP',
    /^_*(udp|skb_recv_udp|udplite|compute_score|reuseport|first_packet_length|busylock_|ip4_datagram|ip6_datagram|datagram_|skb_try_recv_from_queue|skb_consume_udp|skb_free_datagram|skb_copy_datagram_from|inet_dgram)/,
  ],
  [
    'TCP',
    /^_*(tcp|inet_csk|inet_twsk|inet_tw|inet_hash|inet_ehash|inet_lookup|inet_put_port|inet_bind|inet_bhash|inet_bucket|inet_reqsk|reqsk|cubictcp|bictcp|bbr_|reno_|cookie_v|secure_tcp|mptcp|inet_accept|inet_listen|inet_shutdown|inet_stream|inet6_csk|inet6_hash|inet6_ehash|inet6_lookup|tcpv6|tcp_v6|skb_entail|rate_|minmax|newreno|dctcp|sk_reset_timer|sk_stop_timer|sk_stream|sk_mem|sk_forced|skb_still_in_host_queue|inet_child_forget|inet_unhash|inet_rtx_syn|inet_ctl_sock|lro_|do_tcp|established_get|psp_|skb_mstamp|clean_acked|mark_lost)/,
  ],
  [
    'IP and routing',
    /^_*(ip_|ip4_|ip6_|ip6t|ipv4_|ipv6_|ip6|icmp|igmp|fib|rt_|rt6|rt_dst|dst_|neigh|arp_|ndisc|route|mkroute|find_exception|raw_(local|v4|v6|rcv|err|icmp|sendmsg|recvmsg|lookup|hash)|inetdev|inet_(addr|gro|gso|select|rtm|confirm|forward|fill|peer|netconf|proto)|inetpeer|inet6_(addr|gro|gso)|addrconf|in_dev|ipmr|l3mdev|update_or_create_fnhe|free_fib|nexthop|pndisc|eth_header|raw4|raw6|lwtunnel|skb_checksum_help|csum_|do_csum|ipcomp|secure_|mld_|in6_|do_ip|net_ratelimit)/,
  ],
  [
    'packet buffers',
    /^_*(skb|kfree_skb|consume_skb|alloc_skb|build_skb|pskb|napi_build|napi_alloc|napi_skb|napi_get_frags|napi_consume|netdev_alloc|page_pool|page_frag|sock_alloc_send|sock_wfree|sock_wmalloc|sock_rfree|sock_efree|sock_def_|sock_omalloc|sock_pfree|zerocopy|skbuff|copy_skb|memcpy_to_msg|csum_and_copy|kfree_skbmem|simple_copy|tail_skb|mm_account_pinned|kmalloc_reserve|slab_build_skb|sk_skb|coalesced)/,
  ],
  [
    'device layer',
    /^_*(dev_|netif|napi|net_rx|net_tx|netdev|process_backlog|enqueue_to_backlog|validate_xmit|sch_|qdisc|pfifo|fq_|noqueue|noop|loopback|eth_|ether|dql|rps|get_rps|gro_|inet_gro|skb_gro|virtnet|virtqueue|vring|virtio|vp_|detach_buf|xmit_|receive_buf|receive_mergeable|tun_|tap_|packet_|tpacket|prb_|rx_handler|rtnl|rtnetlink|tc_|tcf_|mini_qdisc|flow_|skb_flow|vlan_|deliver_|list_netif|do_xdp|generic_xdp|harmonize|passthru|dst_dev|free_old_xmit|try_fill_recv|trigger_rx|lo_|flush_backlog|busy_poll|gso_|mac_|bond_|phy_|ethtool|skb_mac_gso|skb_network_protocol|softnet|default_device|inet_gso|ipv4_gso|ifb_|dummy_|send_xmit|fill_packet|fanout|get_xps|rxhash|try_bulk|dequeue_skb|bad_txq|sw_|skb_vlan|net_(enable|disable|dec|inc)|unreg|llc|switchdev|hsr|null_)/,
  ],
  [
    'sockets',
    /^_*(sock|sk_|sys_(send|recv|socket|accept|connect|bind|listen|getsock|setsock|shutdown)|x64_sys_(send|recv|socket|accept|connect|bind|listen|getsock|setsock|shutdown)|inet_(send|recv|release|create|shutdown|accept|bind|connect|getname|ioctl|listen|dgram|label)|inet6_(send|recv|release|create)|release_sock|lock_sock|receive_fallback|datagram_poll|move_addr|sockfs|sockfd|copy_msghdr|import_|unix_|scm_|netlink|nla_|nlmsg|genl|do_sock|do_accept|do_recv|do_send|task_cork|kernel_(send|recv)|wait_for|woken_wake|wait_woken|stream_memory|inode_sock|proto_|verify_iovec|reuse|net_(zcopy|timestamp)|sockopt|update_socket_protocol|tsk_|bpf_lsm_socket|cgroup_sk|ns_to_timespec)/,
  ],
  [
    'timers and clocks',
    /^_*(hrtimer|enqueue_timer|usecs_to|msecs_to|nsecs_to|timer|mod_timer|add_timer|del_timer|detach_if|ktime|tick|clockevent|read_tsc|timekeeping|enqueue_hrtimer|remove_hrtimer|run_timer|calc_wheel|calc_index|lock_timer|get_next_timer|next_timer|next_expiry|sched_clock|local_clock|lapic|apic|pvclock|kvm_clock|kvm_sched|native_sched_clock|arch_(sched|cpu_idle|scale)|update_(process|wall|vsyscall|fast)|posix_|itimer|alarm|clock_|clock|do_(nanosleep|clock|timer)|nanosleep|collect_expired|expire_timers|call_timer|trigger_dyntick|native_(apic|x2apic)|forward_timer|scheduler_tick|sched_tick|acpi_pm|hpet|ntp_|delay_|usleep|msleep|get_time|getnstime|current_time|jiffies|round_jiffies|timespec|set_normalized|timestamp|ns_to|cycles|mult_frac|tsc_|vsyscall|internal_add_timer|fetch_next_timer|tmigr|it_real|timerqueue|get_nohz|can_stop_idle|quiet_vmstat|do_gettimeofday|do_timer|seqcount|pm_qos|cpu_(idle|latency)|menu_|teo_|ladder_|get_typical|performance_multiplier)/,
  ],
  [
    'scheduler',
    /^_*(schedule|pick_|update_(curr|load|rq|min|cfs|blocked|dl|rt|se|entity|irq|group|other|sd|nohz|util|idle|newidle|tg|ewma|stats)|enqueue_(task|entity|pushable)|dequeue|try_to_wake|ttwu|wake_|wake|autoremove|select_(task|idle|fallback)|sched_|place_|set_next|put_prev|prev_balance|finish_task|prepare_task|context_switch|switch_(mm|fpu|to)|switch_|cr4_|load_new_mm|prepare_to_wait|finish_wait|add_wait|remove_wait|init_wait|default_wake|check_(preempt|cfs|spread)|wakeup_|cpuacct|resched|preempt|avg_vruntime|account_|psi_|cpu_(startup|idle)|default_idle|do_idle|call_cpuidle|cpuidle|native_(safe_halt|load|write|read)|reweight|entity_|rq_|raise_|balance_|newidle|load_balance|rebalance|nohz|idle_|task_|calc_(delta|load|global)|clear_buddies|hrtick|yield|do_sched|cond_resched|io_schedule|kthread|worker|process_one_work|queue_work|insert_work|queue_delayed|pwq_|wq_|flush_work|get_work|move_linked|find_worker|assign_work|kick_pool|delayed_work|cancel_work|set_(task|tsk|load|rq|curr|cpus)|get_(nohz|idle|rr|task)|put_task|deactivate_task|activate_task|block_task|migrate|push_|pull_|double_|is_cpu|available_idle|cpumask|cpus_share|mm_cid|rseq|perf_|arch_(dup|switch)|enter_lazy|mm_(update|cid)|vtime|get_vtime|cgroup_rstat|cgroup_account|cpu_cgroup|cgroup_|css_|do_task_dead|swake|complete|wait_|futex|plist|do_futex|get_futex|requeue_|unqueue_|hash_futex|exit_(mm|files|signals|notify|task)|do_exit|do_fork|copy_process|kernel_clone|dup_|ret_from_fork|tlb_|flush_tlb|cea_|native_flush|leave_mm|membarrier|dl_|rt_mutex|cfs_|sugov|walk_tg|propagate_(entity|group)|attach_(entity|task)|detach_(entity|task)|remove_entity|min_vruntime|vruntime|protect_slice|update_(deadline|curr))/,
  ],
  [
    'interrupts',
    /^_*(irq|do_softirq|handle_softirq|raise_softirq|softirq|local_bh|sysvec|asm_|common_interrupt|tasklet|handle_(irq|edge|fasteoi|level|simple|nested)|generic_(handle|smp)|note_interrupt|do_IRQ|invoke_softirq|ksoftirqd|run_ksoftirqd|restore_regs|error_(entry|return)|paranoid|native_(iret|irq)|ret_from|apic_ack|ack_|mask_|unmask_|msi_|ioapic|io_apic|pci_msi|smp_|call_function|flush_smp|llist|nmi|exc_|fixup|page_fault|do_(page_fault|user_addr|kern_addr|error|trap|int)|handle_(mm|pte|bug|page)|vp_interrupt|vp_vring|add_interrupt|add_input|mix_|crng|chacha|blake2s|random|extract_|rand_|i8042|serial|uart|wait_for_xmitr|vector|restore_all|idtentry|common_|fred)/,
  ],
  [
    'locks and RCU',
    /^_*(raw_|rcu|srcu|call_rcu|note_gp|mutex|rwsem|down_|up_|down|up$|osq|queued|native_queued|pv_|lock_|unlock_|spin_|read_lock|write_lock|percpu_(ref|counter|down|up|rwsem)|refcount|ref_|lockref|seq_|force_qs|qs|invoke_rcu|strict_work|dyntick|ct_(idle|nmi|kernel|irq|user)|context_tracking|user_(enter|exit)|sema|semaphore|get_state_synchronize|synchronize|kvfree|bit_spin|lock|ww_)/,
  ],
  [
    'memory and data structures',
    /^_*(rb_|sized_str|virt_addr|propagate_protected|kmem|kmalloc|kfree|kvmalloc|kvfree|slab|slub|mem|clear_page|clear_huge|copy_page|page|alloc_|get_page|put_page|free_|put_cpu_partial|get_partial|new_slab|discard_slab|deactivate_slab|flush_cpu_slab|strn?|strcmp|strlen|strscpy|check_(object|heap|stack)|rmqueue|post_alloc|prep_new|obj_|charge|uncharge|refill|try_charge|consume_(stock|obj)|drain|mod_(memcg|node|zone|objcg|lruvec)|lruvec|lru_|folio|zone_|get_(any|obj|mem|pfn|free)|vm_|vma|vmalloc|vmap|mmap|munmap|do_(mmap|anonymous|fault|wp|brk|munmap|swap|huge)|mas_|mt_|mtree|khugepaged|collapse_|hpage|huge|compact|kcompactd|kswapd|shrink|isolate|reclaim|unmap|zap_|anon_vma|rmap|pte|pmd|pud|p4d|pgd|find_vma|lock_vma|ksm|xas_|xa_|radix|idr|ida_|filemap|find_get|add_to|bio_|blk|submit_|ext4|jbd2|memcg|percpu|pcpu|hash|rhashtable|rht|list_(add|del|lru)|list_|sort|bitmap|find_(next|first|last)|hweight|copy_(highpage|mc)|cmp_|number|format_|vsnprintf|pointer|string|put_dec|should_(fail|skip)|arch_(wb|static)|static_call|jump_label|warn_|printk|rep_|nr_|cleanup_)/,
  ],
  [
    'system calls',
    /^_*(x64_sys|ia32|x32|sys_|do_sys|ksys|entry|syscall|do_syscall|x64_syscall|vfs|rw_|new_sync|fd|fget|fput|fdget|get_(unused|file|user|timespec|random)|put_(user|timespec|unused)|copy_(to|from|user|iovec|msghdr|page_to|page_from|bulk)|copyin|copyout|user_|access_ok|iov|iter_|poll|do_(poll|select|epoll|pselect|sock|read|write|filp|open|dentry|vfs|iter|fcntl|ioctl|signal|send|group|tkill|wait|statx|pipe)|select_|core_sys_select|set_fd|sigprocmask|set_(user|current)|restore_|signal|sig|get_signal|recalc_sig|complete_signal|dequeue_signal|ep_|epoll|eventfd|anon_|file|filp|path|link_path|lookup|walk_component|step_into|open|dput|dget|d_|iput|inode|generic_(file|perm|fillattr)|touch_atime|atime|kiocb|aio|io_uring|io_|pipe|fsnotify|inotify|splice|seq|proc|tty|n_tty|pty|ldsem|write_|read_|ptrace|prepare_exit|return_to|arch_(exit|do_signal|syscall)|fpu|ret_to|native_|exit_to|enter_from|irqentry|clear_user|fpregs|fentry|ftrace|trace|mnt|getname|putname|nd_|may_|legitimize|complete_walk|try_to_unlazy|terminate_walk|set_nameidata|handle_(dots|mounts)|kern|kernfs|sysfs|nsfs|ns_|get_net|put_net|setns|locks_|close|cp_|stat|statfs|error_injection|from_k|make_k|map_id)/,
  ],
];

/** The part of the path that a function belongs to. */
export function groupOf({ name, module }: Pick<FunctionCount, 'name' | 'module'>): FunctionGroup {
  for (const [group, form] of byModule) if (form.test(module)) return group;
  const plain = name.replace(/\.(isra|constprop|part|cold|llvm|lto_priv|localalias)(\.\d+)*|\.\d+$/g, '');
  for (const [group, form] of byName) if (form.test(plain)) return group;
  return 'other';
}

/** Sums of functions by the part of the path, the parts in their order; those without a function are absent. */
export function sumsByGroup(counts: readonly FunctionCount[]): ReadonlyMap<FunctionGroup, number> {
  const sums = new Map<FunctionGroup, number>();
  for (const count of counts) {
    const group = groupOf(count);
    sums.set(group, (sums.get(group) ?? 0) + count.instructionsPerUnit);
  }
  return new Map(functionGroups.flatMap((group) => (sums.has(group) ? [[group, sums.get(group) ?? 0]] : [])));
}
