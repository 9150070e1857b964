import type { ComponentChildren } from 'preact';

/** A part of the details under a heading of its own. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
