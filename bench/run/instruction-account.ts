import type { FunctionCount } from '../../results/function-counts.ts';
import type { CountedBlock } from '../machine/instruction-counter.ts';
import type { SymbolTable } from '../machine/symbol-table.ts';

/** Where the instructions of a window went, per unit of its work. */
export interface Account {
  /** Of the path: all that was executed but what is set aside. */
  readonly instructionsPerUnit: number;
  /** Of the path; their sum is the figure above. */
  readonly functions: readonly FunctionCount[];
  /** Of tasks that are none of the path's, by what they did: instructions of the whole window. */
  readonly setAside: readonly { readonly name: string; readonly instructions: number }[];
}

/**
 * The allocators' slow ways, on which a path comes by what the pages of the heap held before: not by its own doing, but
 * by all that was allocated since the guest began. They made connections scatter by 0.4 %, and make nothing else of note.
 */
const heapRefill = new Set([
  ...['___slab_alloc', '__slab_free', 'put_cpu_partial', 'get_partial_node', 'get_any_partial'],
  ...['slab_update_freelist', '__slab_update_freelist', '__put_partials', '__unfreeze_partials'],
  ...['allocate_slab', 'new_slab', 'discard_slab', 'free_slab', '__free_slab', 'free_to_partial_list'],
  ...['setup_object', 'inode_init_once', 'shuffle_freelist'],
  ...['rmqueue_bulk', '__rmqueue_pcplist', '__free_one_page', 'free_pcppages_bulk'],
]);
const isHeapRefill = (name: string) => heapRefill.has(name.replace(/\..*/, ''));

/** What the kernel calls the work that one of its workers was given; the worker's own machinery is called so, too. */
const workForm = /(?:_worker|_work|_workfn|_work_fn|_work_func|_work_handler)$/;
const machinery =
  /^process_one_work$|queue|delayed_work|move_linked|insert_work|pwq|schedule|flush_work|cancel_work/;

/**
 * @param blocks of a window
 * @param units of work done in it
 */
export function accountOf(blocks: readonly CountedBlock[], symbols: SymbolTable, units: number): Account {
  const path = new Map<string, FunctionCount>();
  const aside = new Map<string, Map<string, number>>();
  let instructions = 0;
  for (const block of blocks) {
    const name = functionOf(block, symbols);
    const isHeap = !block.isApart && name.module === 'kernel' && isHeapRefill(name.name);
    if (block.isApart || isHeap) {
      const task = isHeap ? 'refilling the heap' : (block.task ?? 'unknown').replace(/\/.*/, '');
      const own = aside.get(task) ?? new Map<string, number>();
      aside.set(task, own.set(name.name, (own.get(name.name) ?? 0) + block.instructions));
      continue;
    }
    instructions += block.instructions;
    const key = `${name.name} ${name.module}`;
    const before = path.get(key)?.instructionsPerUnit ?? 0;
    path.set(key, { ...name, instructionsPerUnit: before + block.instructions / units });
  }
  return {
    instructionsPerUnit: instructions / units,
    functions: [...path.values()],
    setAside: [...aside]
      .map(([task, own]) => ({ name: workOf(task, own), instructions: sum(own.values()) }))
      .sort((a, b) => b.instructions - a.instructions),
  };
}

/** A worker by the work that it did most of. */
function workOf(task: string, functions: ReadonlyMap<string, number>): string {
  const works = [...functions].filter(([name]) => workForm.test(name) && !machinery.test(name));
  const [most] = works.sort(([, a], [, b]) => b - a);
  return most ? `${task} (${most[0]})` : task;
}

const sum = (values: Iterable<number>): number => [...values].reduce((all, each) => all + each, 0);

function functionOf({ address, task }: CountedBlock, symbols: SymbolTable): { name: string; module: string } {
  // A program's name may have blanks in it, which a line of the record may not.
  if (address === undefined)
    return { name: (task ?? 'unknown').replace(/[^\x21-\x7e]/g, '_'), module: 'user' };
  // Outside every function: code that the kernel makes as it runs, such as filters.
  return symbols.at(address) ?? { name: 'generated-code', module: 'kernel' };
}
