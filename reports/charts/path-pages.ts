import { type CountedFigure, countedFigures } from '../../results/counted-figures.ts';
import type { RunRecord } from '../../results/schema.ts';
import type { MeasuredScenario } from '../../results/summary.ts';
import { answersTo } from '../../results/traits-of.ts';
import { countedNote } from '../counted-prose.ts';
import { type RankedTopology, scenarioName } from '../ranking.ts';
import type { FigurePage } from './figure-page.ts';
import { icicleSpec, pathSpec } from './path-spec.ts';
import type { IcicleSpec } from './spec.ts';

/** The counted figures of a run by scenario, of the workload that the pictures show; undefined by the wall clock. */
export interface PathFigures {
  readonly workload: string;
  readonly of: (scenario: Pick<MeasuredScenario, 'id'>) => CountedFigure | undefined;
}

/** Round trips where they were measured, as that is what a reader asks about; else the first workload. */
export function pathFigures(record: RunRecord): PathFigures | undefined {
  const figures = (countedFigures(record)?.figures ?? []).filter(({ groups }) => groups.size > 0);
  const workload = (
    answersTo(record.run.plan, 'latency')
      .map((answer) => figures.find((each) => each.workload === answer.workload))
      .find((figure) => figure !== undefined) ?? figures[0]
  )?.workload;
  if (workload === undefined) return undefined;
  const own = new Map(figures.flatMap((each) => (each.workload === workload ? [[each.scenario, each]] : [])));
  return { workload, of: ({ id }) => own.get(id) };
}

const subjects = { transaction: 'round trip', connection: 'connection', KiB: 'KiB', query: 'query' } as const;

/** The two pictures of a counted run: where a round trip goes on each network, and by which functions on one. */
export function pathPages(order: readonly RankedTopology[], record: RunRecord): FigurePage[] {
  const figures = pathFigures(record);
  if (!figures) return [];
  const charts = order.flatMap(({ title, measured }) => {
    const rows = measured.flatMap((scenario) => {
      const figure = figures.of(scenario);
      return figure ? [{ name: scenarioName(scenario), figure }] : [];
    });
    const spec = pathSpec(rows, `${title}: ${figures.workload}`);
    return spec ? [spec] : [];
  });
  const icicles = order.flatMap((topology) => {
    const shown = mostAsked(topology, figures);
    const spec = shown && scenarioIcicle(shown, topology, figures);
    return spec ? [spec] : [];
  });
  const subject = subjects[charts[0]?.unit ?? 'transaction'];
  return [
    {
      file: 'path.png',
      title: `Where a container’s ${subject} goes`,
      alt: `Instructions of a ${subject} on each network by part of the path, counted`,
      answers: [],
      remarks: [countedNote],
      charts,
      footer: [
        'Medians over trials. Grey and sand: what any process passes through. In colour: what containers add.',
      ],
    },
    {
      file: 'functions.png',
      title: `Which functions a container’s ${subject} passes through`,
      alt: `Instructions of a ${subject} by function of the kernel, coloured by what they take more than on the host, counted`,
      answers: [],
      remarks: [
        'Each cell is as high as its instructions. Warm: more than on the host network; green: less; grey: the same.',
        countedNote,
      ],
      charts: icicles,
      footer: [],
    },
  ];
}

/** What people run: a network of their own; else the one whose path is longest. */
function mostAsked({ measured }: RankedTopology, figures: PathFigures): MeasuredScenario | undefined {
  const others = measured.filter((scenario) => !scenario.isBaseline && figures.of(scenario));
  const length = (scenario: MeasuredScenario) => figures.of(scenario)?.instructions.median ?? 0;
  return (
    others.find(({ id }) => id === 'same-host/bridge' || id === 'cross-host/overlay') ??
    [...others].sort((a, b) => length(b) - length(a))[0]
  );
}

/** A network's path by function against that of its topology's baseline. */
export function scenarioIcicle(
  scenario: MeasuredScenario,
  { measured }: Pick<RankedTopology, 'measured'>,
  figures: PathFigures,
): IcicleSpec | undefined {
  const baseline = measured.find(({ isBaseline }) => isBaseline);
  const [base, head] = [baseline && figures.of(baseline), figures.of(scenario)];
  if (!baseline || !base || !head || base === head) return undefined;
  return icicleSpec({ base, head }, { base: scenarioName(baseline), head: scenarioName(scenario) });
}
