import type { Oversize } from './encapsulation.ts';
import { percentText } from './figure-text.ts';
import { coreList } from './foreign-load.ts';
import { commonReasonText, trialRemedies } from './reason-text.ts';
import { type LikelyCause, subjectOf, type Warning, type WarningCode } from './warnings.ts';

/** A run's warning about more scenarios than this names none of them. */
const mostNamed = 4;

/** A warning in words: what is so, and what to do about it. */
export function warningText(warning: Warning): string {
  const remedy = warningRemedy(warning);
  const facts = warningFacts(warning);
  // Somebody's words at its end may have a full stop or none.
  return remedy === '' ? facts : `${facts.replace(/\.$/, '')}. ${remedy}`;
}

/** The second half of it: what to do. Empty only for words of an older record. */
export function warningRemedy(warning: Warning): string {
  return warning.code === 'lost-trials' ? trialRemedies[warning.reason.code] : warningRemedies[warning.code];
}

/** The first half of it: what is so. */
export function warningFacts(warning: Warning): string {
  switch (warning.code) {
    case 'rootless-host':
      return `${about(warning)}${warning.engine} runs rootless, so host is the network namespace of RootlessKit, not the machine’s.`;
    case 'virtual-machine':
      return `${about(warning)}${warning.engine} is ${warning.machine}, so host is its virtual machine, not your computer.`;
    case 'other-runtime':
      return `${about(warning)}${warning.engine} runs containers with ${warning.runtime}, so every figure has that runtime’s cost in it.`;
    case 'few-open-files':
      return `${about(warning)}A container on ${warning.engine} may open ${warning.files} files only (default-ulimits), which workloads with many connections exceed.`;
    case 'oversize-packets':
      return oversizeText(warning.subject.scenario, warning);
    case 'overlays-elsewhere':
      return `${about(warning)}${warning.engine}: the swarm’s overlays leave by ${warning.overlayInterface}, all other networks by ${warning.address} on ${warning.interface}: their difference is not the overlay’s cost alone.`;
    case 'over-data-path':
      return `${about(warning)}${warning.engine}: all networks are measured over the swarm’s data path, ${warning.address} on ${warning.interface}, not over its advertised address ${warning.advertised}.`;
    case 'no-default-route':
      return `${about(warning)}${warning.engine}: its host has no default route, so ${warning.address} on ${warning.interface} counts as its way to other hosts.`;
    case 'data-path-assumed':
      return `${about(warning)}${warning.engine}: the swarm’s data path could not be read; overlays are counted where their packets are seen, the networks beside them on ${warning.interface}.`;
    case 'data-path-unknown':
      return `${about(warning)}${warning.engine}: ${warning.said}; it is counted where its packets were seen.`;
    case 'changed-between': {
      const changes = warning.changes.map(
        ({ fact, role, was, is }) =>
          `${fact} (${role}) was ${was ?? 'not known'} and is ${is ?? 'not known'}`,
      );
      const all = [...(warning.restarted ? ['the machine was started anew'] : []), ...changes];
      return `Gone on with after a change: ${all.join('; ')}.`;
    }
    case 'said':
      return warning.text;
    case 'figure-left-out':
      return `${warning.tool} gave no usable ${warning.figure} (${warning.value}); it is left out.`;
    case 'latencies-contradict':
      return `${warning.tool}'s latencies contradict one another (${warning.lower} is above ${warning.higher}); they are left out.`;
    case 'latencies-unusable':
      return `${warning.tool} gave no usable latencies (${warning.because}); they are left out.`;
    case 'samples-left-out': {
      const { tool, odd, of, unit } = warning;
      return `${tool} gave no usable round trip ${unit === 'requests' ? 'for' : 'in'} ${odd} of ${of} ${unit}; they are left out.`;
    }
    case 'histogram-not-whole':
      return `${warning.tool}'s histogram holds ${warning.counted} of ${warning.answers} answers; it is left out.`;
    case 'packet-sizes-unknown':
      return `${warning.tool} gave no packet sizes: the bytes of its queries are unknown.`;
    case 'segment-size-unread':
      return 'The effective segment size could not be read while the test ran.';
    case 'wrote-beside':
      return `${warning.tool} wrote beside its figures: ${warning.said}`;
    case 'tool-repeated':
      return `${warning.tool} was run a second time, as the first measured nothing (${warning.said}).`;
    case 'probes-repeated':
      return `${warning.count === 1 ? 'A probe' : `${warning.count} probes`} measured nothing and had to be repeated: ${warning.said}`;
    case 'tool-busy':
      return `${warning.tool}'s ${warning.end} kept ${warning.cores.toFixed(2)} cores busy: it may be the bottleneck itself.`;
    case 'sender-limited':
      return 'The sender offered all it could and nothing was lost: the path may carry more.';
    case 'client-behind':
      return `${percentText(warning.share)} of the requests were due while the client could not send; their wait counts.`;
    case 'answers-doubled':
      return `${warning.count} answers came twice.`;
    case 'answers-disordered':
      return `${warning.count} answers came out of order.`;
    case 'table-full': {
      const { table, where, entries, limit, waitedSeconds, stillEntries } = warning;
      const waited = `${waitedSeconds.toFixed(0)} s`;
      const end =
        stillEntries === undefined
          ? `: the trial waited ${waited}.`
          : `, and still ${stillEntries} after ${waited}: connections may have been refused.`;
      return `The ${table} table of ${where} held ${entries} of ${limit} entries${end}`;
    }
    case 'line-cut-off':
      return `${warning.path}:${warning.line}: the last line is cut off (${warning.bytes} bytes); its trial is lost.`;
    case 'process-gone':
      return 'Its process is gone (killed?), so it did not end as it should.';
    case 'incomplete': {
      const { missing, expected } = warning;
      return `The record lacks ${missing === expected ? 'all' : missing} of ${expected} trials that were measured: its figures rest on what is left of it.`;
    }
    case 'unfinished':
      return `The run is ${warning.state}, not finished: its figures rest on what was measured so far.`;
    case 'emulated':
      return 'Measured under an emulated kernel: the figures prove function and rank nothing.';
    case 'counted':
      return 'Measured in counted time: instructions of an emulated machine, a nanosecond each.';
    case 'no-baseline-beside': {
      const { scenario, workload } = warning.subject;
      return `${trialsOf(warning.trials)} of ${workload} on ${scenario} had no valid baseline trial beside it and enters no overhead.`;
    }
    case 'no-ratio': {
      const { scenario, workload, metric } = warning.subject;
      return `${metric} of ${workload} on ${scenario}: ${trialsOf(warning.trials)} left out of the overhead, as what is zero, or a billionfold of the baseline, has no ratio.`;
    }
    case 'lost-trials': {
      const { scenario, workload } = warning.subject;
      return `${warning.lost} of ${warning.of} trials of ${workload} on ${scenario} do not count: ${commonReasonText(warning)}`;
    }
    case 'mtu-changed':
      return `The MTU of ${warning.subject.scenario} changed while it was measured: ${warning.sizes.join(', then ')} bytes. Its trials are not of one network.`;
    case 'beats-baseline': {
      const { scenario, workload, metric } = warning.subject;
      return `${scenario} beats its baseline in ${metric} of ${workload} by ${percentText(warning.leastShare)} to ${percentText(warning.mostShare)}: it may skip work that the host's path does (filter rules, a bridge).`;
    }
    case 'rate-against-rtt': {
      const { scenario, workload } = warning.subject;
      const why =
        warning.foreignShare === undefined
          ? 'one of the two does not measure what it says, or a few round trips are very long'
          : `other programs took ${percentText(warning.foreignShare)} of the CPU in these trials, which is the likely cause: ` +
            'a few round trips that wait for a core lower the rate and leave the median as it is';
      return `${workload} on ${scenario}: the median round trip times the rate is ${warning.product.toFixed(2)}, and should be about 1; ${why}.`;
    }
    case 'two-modes': {
      const { scenario, workload } = warning.subject;
      const { slowMedian, fastMedian, slowTrials, of, stretches } = warning;
      const factor = Math.max(slowMedian / fastMedian, fastMedian / slowMedian);
      const which = `${workload} on ${scenario}${warning.ofBaseline ? ', the baseline,' : ''}`;
      const times = stretches === 1 ? 'in one stretch' : `in ${stretches} stretches`;
      return `${which} has two modes: ${slowTrials} of ${of} trials were slower than the others by a factor of ${factor.toFixed(1)}, ${times}; ${causeText(warning.cause)}.`;
    }
    case 'outliers': {
      const { scenario, workload } = warning.subject;
      return `${trialsOf(warning.trials)} of ${warning.of} of ${workload} on ${scenario} ${warning.trials === 1 ? 'lies' : 'lie'} far from all others; ${causeText(warning.cause)}.`;
    }
    case 'link-saturated': {
      const { scenario, workload } = warning.subject;
      return `${workload} on ${scenario} fills ${percentText(warning.share)} of what the link can carry, so drivers tie there by the link and not by their cost.`;
    }
    case 'generator-bound': {
      const { scenario, workload } = warning.subject;
      return `${workload} on ${scenario}: the tool’s ${warning.ends.join(' and ')} kept a whole core busy, so the tool and not the network may be the limit.`;
    }
    case 'small-overlay-mtu': {
      const { ownBytes, underlayBytes } = warning;
      return `The underlay takes packets of ${underlayBytes} bytes, but ${warning.subject.scenario} was made for ${ownBytes}: it sends ${Math.round(underlayBytes / ownBytes)} packets where the host sends one.`;
    }
    case 'overlay-fragments': {
      const { oversize, fragments, subject } = warning;
      return [
        ...(oversize ? [oversizeText(subject.scenario, oversize)] : []),
        ...(fragments === undefined ? [] : [fragmentsText(subject.scenario, fragments)]),
      ].join(' ');
    }
    case 'unlike-mtu': {
      const networks = warning.networks.map(({ name, mtuBytes }) => `${name} has ${mtuBytes}`);
      return `Networks of ${warning.topology} differ in MTU without having been asked to, so they send different numbers of packets: ${networks.join(', ')}.`;
    }
    case 'offload-signature': {
      const { scenario, workload } = warning.subject;
      return `${workload} on ${scenario} is ${Math.round(warning.factor)} times slower than the host and retransmits: that looks like a faulty checksum or segmentation offload of VXLAN, not like its cost.`;
    }
    case 'conntrack-full': {
      const { scenario, workload } = warning.subject;
      return `The connection table of the ${warning.side}’s host was ${percentText(warning.share)} full during ${workload} on ${scenario}.`;
    }
    case 'conntrack-drops': {
      const { scenario, workload } = warning.subject;
      return `Connection tracking on the ${warning.side}’s host dropped ${warning.packets} packets during one trial of ${workload} on ${scenario}.`;
    }
    case 'steal':
      return `The hypervisor took up to ${percentText(warning.share)} of the CPU time from this machine.`;
    case 'foreign-load': {
      const where = warning.engines.length === 0 ? '' : ` of ${warning.engines.join(' and ')}`;
      return (
        `Other programs took ${percentText(warning.medianShare)} of the CPU${where} during the trials ` +
        `(median; ${percentText(warning.mostShare)} at most): ${coreList(warning.programs)}.`
      );
    }
    case 'old-iperf3':
      return `iperf3 ${warning.version} on ${warning.engine} has one thread for all streams, so tcp-stream-N measures one core.`;
    case 'esp-sequence':
      return `An IPsec state of the ${warning.side}’s host has used ${percentText(warning.share)} of its sequence numbers; when they run out, traffic stops.`;
  }
}

/** What to do about a warning, by its code; of lost trials it is their reason's remedy. */
export const warningRemedies: Readonly<Record<Exclude<WarningCode, 'lost-trials'>, string>> = {
  'rootless-host': 'Read it as what a container of that engine can have at best.',
  'virtual-machine': 'Measure on a Linux host for figures of your own network.',
  'other-runtime': 'Compare only what was measured with one runtime.',
  'few-open-files': 'Raise nofile in the daemon’s default-ulimits, or leave such workloads away.',
  'oversize-packets': 'Give the overlay a smaller MTU, or the underlay a greater one.',
  'overlays-elsewhere':
    'Give the overlays’ interface with --underlay, or compare networks of one interface only.',
  'over-data-path': 'Give another address with --underlay, if that is not what you want.',
  'no-default-route': 'Give the right address with --underlay, if that is another.',
  'data-path-assumed': 'See `docker info` of the swarm’s nodes for where overlays go.',
  'data-path-unknown': 'Set the swarm’s --data-path-addr to an address of that host.',
  'changed-between': 'Compare figures from before and after with care, or measure anew.',
  said: '',
  'figure-left-out': 'See the tool’s output in the run’s `raw` folder.',
  'latencies-contradict': 'See the tool’s output in the run’s `raw` folder.',
  'latencies-unusable': 'See the tool’s output in the run’s `raw` folder.',
  'samples-left-out': 'Nothing need be done while they are so few.',
  'histogram-not-whole': 'Read the rate, and no percentile of this trial.',
  'packet-sizes-unknown': 'Nothing need be done: the rate does not depend on them.',
  'segment-size-unread': 'Read the segment size from the other trials.',
  'wrote-beside': 'See the tool’s output in the run’s `raw` folder.',
  'tool-repeated': 'Nothing need be done unless it happens in many trials.',
  'probes-repeated': 'Nothing need be done unless it happens in many trials.',
  'tool-busy': 'Read the figure as what that many cores can do, or use several streams (tcp-stream-N).',
  'sender-limited': 'Read the figure as a lower bound of what the path carries.',
  'client-behind': 'Give the client a core of its own, or read the tail as the machine’s.',
  'answers-doubled': 'Look for a path that duplicates packets.',
  'answers-disordered': 'Look for several paths between the ends.',
  'table-full':
    'Raise net.netfilter.nf_conntrack_max or net.ipv4.tcp_max_tw_buckets there, or measure with fewer connections.',
  'line-cut-off': '`tare run --resume` measures it again.',
  'process-gone': '`tare run --resume` goes on with it.',
  incomplete: 'Restore trials.ndjson from a copy.',
  unfinished: 'Finish it with `tare run --resume`.',
  emulated: 'Measure on a real machine for figures that rank.',
  counted: 'Its figures rank paths by length and are no stopwatch’s.',
  'no-baseline-beside': 'See why the baseline’s trials do not count.',
  'no-ratio': 'Compare that figure by its values.',
  'mtu-changed': 'See who sets the MTU of new networks there, and measure anew.',
  'beats-baseline': 'Look at both paths before calling it faster.',
  'rate-against-rtt': 'Look at the distribution, and measure when the machine is quiet.',
  'two-modes':
    'Go by the intervals, which allow for both modes, and not by the median, which is one of them.',
  outliers: 'They count as all others do; look at them in the report before trusting a close call.',
  'link-saturated': 'Compare the CPU time per gigabyte instead, or measure over a faster link.',
  'generator-bound': 'Use several streams (tcp-stream-N), or read the figure as what one core can do.',
  'small-overlay-mtu':
    'Give the overlay the underlay’s own MTU (--opt com.docker.network.driver.mtu): Docker takes the bytes of VXLAN and encryption off by itself. Or say that it was measured as shipped.',
  'overlay-fragments':
    'Give the overlay the underlay’s own MTU (--opt com.docker.network.driver.mtu), from which Docker takes the bytes around a packet off.',
  'unlike-mtu':
    'Compare networks of one MTU: set it for those that stand out (@mtu=N; the default bridge’s is the daemon’s `mtu`), or say that they were measured as shipped.',
  'offload-signature':
    'Look at `ethtool -k` of the underlay’s interface (in the fingerprint) and try once with tx-checksum-ip-generic or tx-udp_tnl-segmentation off.',
  'conntrack-full': 'Raise net.netfilter.nf_conntrack_max on that host, or measure with fewer connections.',
  'conntrack-drops': 'Raise net.netfilter.nf_conntrack_max on that host, or measure with fewer connections.',
  steal: 'Measure on a machine with cores of its own, or when its neighbours are quiet.',
  'foreign-load':
    'Stop them or measure when the machine is quiet; maxForeignCpuShare in bench.yaml sets such trials aside.',
  'old-iperf3': 'Build the toolbox image anew from Debian trixie or later, for both ends.',
  'esp-sequence': 'Let the swarm rotate its keys (restart the engines), and measure for a shorter time.',
};

/** Tells warnings of one code apart that say different things, not only of different subjects and in other numbers. */
export function warningVariant(warning: Warning): string {
  switch (warning.code) {
    case 'generator-bound':
      return warning.ends.join();
    case 'overlay-fragments':
      return `${warning.oversize !== undefined} ${warning.fragments === undefined ? 'uncounted' : warning.fragments > 0}`;
    case 'conntrack-full':
    case 'conntrack-drops':
    case 'esp-sequence':
      return warning.side;
    case 'two-modes':
    case 'outliers':
      return warning.cause?.what ?? '';
    case 'rate-against-rtt':
      return String(warning.foreignShare !== undefined);
    default:
      return '';
  }
}

function causeText(cause: LikelyCause | undefined): string {
  if (!cause) return 'nothing that is recorded of them tells why';
  const [odd, others] = [percentText(cause.inOdd), percentText(cause.inOthers)];
  switch (cause.what) {
    case 'placement':
      return `the likely cause is where the ends ran: on one core ${odd} of the time in these, ${others} in the others`;
    case 'steal':
      return `the likely cause is the hypervisor, which took ${odd} of the CPU in these and ${others} in the others`;
    case 'foreign-load':
      return `the likely cause is other programs, which took ${odd} of the CPU in these and ${others} in the others`;
    case 'made-anew':
      return 'they came right after their containers were made, so something was still warming up';
  }
}

/** Names the scenarios that it is about, where they are few and not all. */
function about(warning: Warning): string {
  const names = subjectOf(warning);
  return names.length === 0 || names.length > mostNamed ? '' : `${names.join(', ')}: `;
}

const oversizeText = (scenario: string, { ownBytes, fullBytes, underlayBytes }: Oversize): string =>
  `Full packets of ${scenario} are ${ownBytes} bytes and ${fullBytes} with what surrounds them, more than the underlay’s ${underlayBytes}: every full packet is fragmented, unless the kernel has the sender make it smaller.`;

function fragmentsText(scenario: string, most: number): string {
  return most > 0
    ? `Up to ${most} fragments left the client’s host in a trial of ${scenario}.`
    : `No fragment left the client’s host in a trial of ${scenario}: the kernel had the sender make its packets smaller.`;
}

const trialsOf = (count: number): string => (count === 1 ? '1 trial' : `${count} trials`);
