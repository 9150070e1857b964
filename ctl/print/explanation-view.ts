import type { AppExplanation, Explanation } from '../../proto/api.ts';
import { formatLabels, type Labels } from '../../proto/labels.ts';
import { problemText } from './device-view.ts';
import { targetText } from './document-view.ts';
import { counted } from './impact-view.ts';
import { packageRows, sourceLine, whyView } from './package-view.ts';
import { packetTitle } from './packet-view.ts';
import { policyLines } from './policy-view.ts';
import { bad, dim, good, strong, type Text, warn } from './text.ts';
import type { Lines, View } from './view.ts';

/** Why a device gets what it gets, in sentences: about one app, or about the device as a whole. */
export function explanationView(explanation: Explanation, app?: string): View {
  const apps = explanation.apps.map((one) => appLines(one, explanation));
  return [
    deviceLines(explanation),
    ...(app === undefined ? [specLines(explanation)] : []),
    ...apps,
    ...packageLines(explanation, app),
    ...(app === undefined ? policyLines(explanation.policy) : []),
  ];
}

function deviceLines(explanation: Explanation): Lines {
  const { device, labels, apps, packages, problems } = explanation;
  const relevant = concerned(labels, explanation);
  const more = Object.keys(labels).length - Object.keys(relevant).length;
  const about: Text[] =
    apps.length + packages.length + problems.length === 0
      ? [
          [
            strong(device),
            ' is wanted to have nothing: no spec that applies names an app or a package.',
          ],
        ]
      : [];
  const known: Text[] = [
    [strong(device), ` has ${formatLabels(relevant) || 'no label that matters here'}`],
    ...(more > 0 ? [dim(`  and ${counted(more, 'label')} that nothing here asks for`)] : []),
  ];
  return { kind: 'lines', wrap: true, lines: [...about, ...known] };
}

/** Which sources serve the device, and its packages; of one package the chain to the spec. */
function packageLines({ device, sources, packages }: Explanation, only?: string): View[] {
  if (only !== undefined) return packages.map((one) => whyView(device, one));
  if (sources.length + packages.length === 0) return [];
  return [
    { kind: 'lines', wrap: true, lines: sources.map(sourceLine) },
    packageRows(packages, 'No package is chosen.'),
  ];
}

/** Those of the labels that a target, a line of a spec or a packet asks for. */
function concerned(labels: Labels, { specs, apps }: Explanation): Labels {
  const asked = new Set([
    ...specs.flatMap(({ target }) => Object.keys(target)),
    ...apps.flatMap(({ lines, candidates, chosen }) =>
      [...lines, ...candidates, ...(chosen ? [chosen] : [])].flatMap((one) =>
        Object.keys(one.labels),
      ),
    ),
  ]);
  return Object.fromEntries(Object.entries(labels).filter(([key]) => asked.has(key)));
}

function specLines({ specs }: Explanation): Lines {
  const lines = specs.map(
    ({ id, revision, applies, target, unmet }): Text =>
      applies
        ? [
            good('✓ '),
            strong(id),
            ` (revision ${revision}) applies: it targets ${targetText(target)}.`,
          ]
        : [
            dim('✗ '),
            strong(id),
            ` (revision ${revision}) does not apply: it ${unmet.join('; it ')}.`,
          ],
  );
  return { kind: 'lines', wrap: true, lines: lines.length > 0 ? lines : ['There are no specs.'] };
}

function appLines(app: AppExplanation, explanation: Explanation): Lines {
  const lines: Text[] = [heading(app), ...wantedLines(app, explanation)];
  if (app.problem) lines.push([bad('  ! '), problemText(app.problem)]);
  if (app.candidates.length > 0) lines.push('', ...candidateLines(app));
  else if (!app.problem) lines.push(`  There is no packet of the name ${app.name} on the server.`);
  return { kind: 'lines', wrap: true, lines };
}

function heading({ name, chosen }: AppExplanation): Text {
  if (!chosen) return [strong(name), ': ', bad('no packet is chosen.')];
  return [strong(name), ': ', good(packetTitle(chosen)), ` is chosen; it is ${chosen.why}.`];
}

/** Which lines of which specs ask for the app, and what the wanted labels are. */
function wantedLines(
  { lines, wanted, name, chosen }: AppExplanation,
  explanation: Explanation,
): Text[] {
  const { specs } = explanation;
  if (lines.length === 0)
    return chosen
      ? []
      : [`  No spec that applies to the device names ${name}.`, ...missedSpecs(specs)];
  const asked = lines.map(({ spec, counts, labels, version, priority }): Text => {
    const target = specs.find(({ id }) => id === spec)?.target ?? {};
    const wish = [version, formatLabels(labels)].filter(Boolean).join(' ') || 'any version';
    const beaten = counts ? '' : `; a line of higher priority than ${priority} counts instead`;
    return ['  ', strong(spec), ` (target ${targetText(target)}) wants ${name}: ${wish}${beaten}.`];
  });
  return [
    ...asked,
    `  With the device’s own labels: ${formatLabels(concerned(wanted, explanation)) || 'none'}`,
  ];
}

function missedSpecs(specs: Explanation['specs']): Text[] {
  return specs
    .filter(({ applies }) => !applies)
    .map(
      ({ id, unmet }): Text => ['  ', strong(id), ` does not apply: it ${unmet.join('; it ')}.`],
    );
}

function candidateLines({ candidates, chosen, name }: AppExplanation): Text[] {
  const others = candidates.filter(({ id }) => id !== chosen?.id);
  if (others.length === 0) return ['  There was no other packet to choose from.'];
  const title = chosen
    ? `  Why not the others (${counted(others.length, 'packet')}):`
    : `  The nearest packets of the name ${name}:`;
  return [
    title,
    ...others.map(
      (one): Text => [
        one.eligible ? warn('  ~ ') : dim('  - '),
        strong(packetTitle(one)),
        `: ${one.verdict}`,
      ],
    ),
  ];
}
