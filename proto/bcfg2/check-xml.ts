import { addError, addNotice, type Findings } from './notice.ts';
import { type ElementRule, type RuleName, ruleBelow, rules, type ValueRule } from './schema.ts';
import type { XmlElement } from './xml-tree.ts';

/** Holds an element and all below it against the schema; everything that is wrong is found, each with its place. */
export function checkXml(element: XmlElement, name: RuleName, found: Findings): void {
  const rule = rules[name];
  checkAttributes(element, rule, found);
  checkText(element, rule, found);
  checkChoice(element, rule, found);
  checkOrder(element, rule, found);
  for (const child of element.children) {
    const below = child.uri === '' ? ruleBelow(name, child.name) : undefined;
    if (below) checkXml(child, below, found);
    else if (child.uri !== '')
      addError(found, child, `templates (${child.name}) are not read`, 'unsupported');
    else if (rule.open) addNotice(found, child, `<${child.name}> is no package and left out`);
    else
      addError(found, child, `<${child.name}> may not stand in <${element.name}>`, 'unknown-key');
  }
}

function checkAttributes(element: XmlElement, rule: ElementRule, found: Findings): void {
  for (const [name, value] of element.attributes) {
    const kind = Object.hasOwn(rule.attributes, name) ? rule.attributes[name] : undefined;
    if (kind) {
      const wrong = valueProblem(value, kind);
      if (wrong) addError(found, element, `the attribute "${name}" ${wrong}`);
    } else if (!rule.open) {
      addError(found, element, `<${element.name}> has no attribute "${name}"`, 'unknown-key');
    } else if (element.name !== 'Options') {
      addNotice(found, element, `the attribute "${name}" has no meaning here and is left out`);
    }
  }
  for (const name of rule.needs ?? [])
    if (!element.attributes.has(name))
      addError(found, element, `<${element.name}> needs the attribute "${name}"`);
}

function checkText(element: XmlElement, rule: ElementRule, found: Findings): void {
  if (rule.text === undefined) {
    if (element.text !== '' && !rule.open)
      addError(found, element, `<${element.name}> holds elements, and no text`);
    return;
  }
  const wrong = valueProblem(element.text, rule.text);
  if (wrong) addError(found, element, `<${element.name}> ${wrong}`);
}

function checkChoice(element: XmlElement, { oneOf }: ElementRule, found: Findings): void {
  if (!oneOf) return;
  const given = oneOf.flatMap((name) => [
    ...(element.attributes.has(name) ? [name] : []),
    ...element.children.filter((child) => child.name === name).map(() => name),
  ]);
  if (given.length === 1) return;
  const shown = oneOf.join(' or ');
  addError(
    found,
    element,
    given.length === 0
      ? `<${element.name}> needs ${shown}`
      : `<${element.name}> has ${given.join(' and ')}; give one of them`,
  );
}

/** Bcfg2 demanded an order that means nothing. */
function checkOrder(element: XmlElement, { order }: ElementRule, found: Findings): void {
  if (!order) return;
  let furthest = 0;
  for (const child of element.children) {
    const place = order.findIndex((names) => names.includes(child.name));
    if (place < 0) continue;
    if (place < furthest) {
      const before = order[furthest]?.join(' or ');
      addNotice(found, child, `<${child.name}> stands before <${before}> in Bcfg2's schema`);
    }
    furthest = Math.max(furthest, place);
  }
}

function valueProblem(value: string, kind: ValueRule): string | null {
  if (kind === 'text') return value.trim() === '' ? 'is empty' : null;
  if (kind === 'boolean') return /^(true|false|1|0)$/i.test(value) ? null : 'must be true or false';
  if (kind === 'switch')
    return /^(enabled|disabled)$/i.test(value) ? null : 'must be enabled or disabled';
  return kind.includes(value) ? null : `must be one of ${kind.join(', ')}`;
}

/** True for `true`, `True` and `1`. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(true|1)$/i.test(value);
}
