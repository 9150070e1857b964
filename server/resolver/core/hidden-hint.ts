import type { View } from './view.ts';

/** Why a name that nothing in the view has is not there; `unknown` is said where no source has it. Null: it is there. */
export function hintForName(view: View, name: string, unknown: string): string | null {
  const [hidden] = view.hidden(name);
  if (!hidden) return view.named(name).length + view.providers(name).length > 0 ? null : unknown;
  const source = view.source(hidden.id).id;
  switch (hidden.why) {
    case 'excluded':
      return `${name} is excluded by the source ${source}.`;
    case 'not-included':
      return `${name} is not among what the source ${source} includes.`;
    case 'arch':
      return `The source ${source} has ${name} for ${view.arch(hidden.id)}, which is no architecture of these devices.`;
    case 'never':
      return `The source ${source}, which has ${name}, has a priority below 0.`;
  }
}
