import { describe, expect, it } from 'vitest';
import { selectIds, selectScenarios } from '../../bench/config/selection.ts';
import { Failure } from '../../results/failure.ts';
import { parseScenarioId, scenarioId } from '../../results/scenario.ts';

const ids = (patterns: string[]) => selectScenarios(patterns).map((scenario) => scenario.id);

describe('selectScenarios', () => {
  it('lists every driver on its topologies without patterns', () => {
    expect(ids([])).toEqual(
      expect.arrayContaining(['same-host/bare', 'same-host/overlay', 'cross-host/overlay-encrypted']),
    );
    expect(ids([])).toHaveLength(18);
    expect(ids([])).not.toContain('same-host/bridge-hairpin');
    expect(ids(['same-host/bridge-*'])).toContain('same-host/bridge-hairpin');
  });

  it('takes globs and keeps each scenario once', () => {
    expect(ids(['cross-host/*overlay*', '*overlay-encrypted'])).toEqual([
      'cross-host/overlay',
      'cross-host/overlay-encrypted',
    ]);
  });

  it('takes a network that is there by its name only', () => {
    expect(ids(['same-host/existing@network=my_net.1'])).toEqual(['same-host/existing@network=my_net.1']);
    expect(ids(['same-host/*']).filter((id) => id.includes('existing'))).toEqual([]);
    expect(() => ids(['cross-host/existing'])).toThrow(/does not say which network/);
    expect(() => ids(['same-host/existing@network=a b'])).toThrow(/is no value for network/);
  });

  it('takes ids with options', () => {
    expect(selectScenarios(['same-host/bridge@mtu=9000'])).toEqual([
      { id: 'same-host/bridge@mtu=9000', topology: 'same-host', driver: 'bridge', options: { mtu: '9000' } },
    ]);
  });

  it('takes impairments where they fit', () => {
    expect(ids(['same-host/bridge@rules=1000', 'cross-host/overlay@rate=1.5G,without=gro+tso'])).toEqual([
      'same-host/bridge@rules=1000',
      'cross-host/overlay@rate=1.5G,without=gro+tso',
    ]);
  });

  it.each([
    ['nonsense', /no scenario is called or matches "nonsense"/],
    ['same-host/host@mtu=9000', /takes no option "mtu"/],
    ['same-host/ghost@mtu=1', /no scenario/],
    ['same-host/bridge@rules=many', /"many" is no value for rules/],
    ['same-host/bridge@ipv6=yes', /"yes" is no value for ipv6/],
    ['same-host/bridge@ipv6=false', /"false" is no value for ipv6/],
    ['same-host/bridge@ipv6=', /"" is no value for ipv6/],
    ['same-host/bridge@internal=1', /"1" is no value for internal/],
    ['same-host/bridge@mtu=jumbo', /"jumbo" is no value for mtu/],
    ['same-host/bridge@mtu', /"true" is no value for mtu/],
    ['cross-host/overlay@mtu=67', /"67" is no value for mtu/],
    ['cross-host/overlay@mtu=65001', /"65001" is no value for mtu/],
    ['same-host/macvlan@parent=eth0;reboot', /is no value for parent/],
    ['same-host/macvlan@parent=', /is no value for parent/],
    ['same-host/bridge@without=tso;reboot', /is no value for without/],
    ['same-host/bare@cpus=0.5', /takes no option "cpus"/],
    ['cross-host/overlay@rules=10', /takes no option "rules"/],
  ])('refuses %s', (pattern, message) => {
    expect(() => selectScenarios([pattern])).toThrow(message);
    try {
      selectScenarios([pattern]);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect((error as Failure).kind).toBe('usage');
    }
  });
});

describe('a driver’s options', () => {
  it('are none that it does not list, whatever every object has', () => {
    for (const key of ['constructor', 'toString', 'hasOwnProperty'])
      expect(() => ids([`same-host/bridge@${key}=1`]), key).toThrow(/takes no option/);
  });

  it('take what makes sense', () => {
    const good = [
      'same-host/bridge@internal,ipv6,mtu=1280',
      'cross-host/overlay@mtu=65000',
      'same-host/macvlan@parent=eth0.10',
    ];
    expect(ids(good)).toEqual(good);
  });
});

describe('selectIds', () => {
  it('keeps the known order', () => {
    expect(selectIds('workload', ['tcp-rr', 'tcp-s*'], ['tcp-stream', 'tcp-rr', 'rtt'])).toEqual([
      'tcp-stream',
      'tcp-rr',
    ]);
  });
  it('does not take a dot for any character', () => {
    expect(() => selectIds('workload', ['t.p'], ['tcp'])).toThrow(Failure);
  });
});

describe('scenario ids', () => {
  it('sort options and survive a round trip', () => {
    const id = scenarioId('same-host', 'bridge', { mtu: '1400', ipv6: 'true' });
    expect(id).toBe('same-host/bridge@ipv6,mtu=1400');
    expect(parseScenarioId(id)).toEqual({
      id,
      topology: 'same-host',
      driver: 'bridge',
      options: { mtu: '1400', ipv6: 'true' },
    });
  });
  it.each(['bridge', 'same-host/', 'other/bridge', 'same-host/bridge@'])('are not %s', (text) => {
    expect(parseScenarioId(text)).toBeUndefined();
  });
});
