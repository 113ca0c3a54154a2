import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const estimatedPixels = 150;
const ahead = 20;

/** A list that renders only its visible part. Asks for more items before its end is reached. */
export function VirtualList<Item>({
  items,
  total,
  keyOf,
  more,
  label,
  children,
}: {
  items: readonly Item[];
  total: number;
  keyOf: (item: Item) => string;
  /** Loads the following items; null when there are none. */
  more: (() => void) | null;
  label: string;
  children: (item: Item) => ComponentChildren;
}) {
  const scroller = useRef<HTMLUListElement>(null);
  const [, redraw] = useState(0);
  const virtualizer = useRef<Virtualizer<HTMLUListElement, HTMLLIElement> | null>(null);
  const options = {
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => estimatedPixels,
    getItemKey: (index: number) => {
      const item = items[index];
      return item === undefined ? index : keyOf(item);
    },
    overscan: 6,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    measureElement,
    onChange: () => redraw((times) => times + 1),
  };
  virtualizer.current ??= new Virtualizer<HTMLUListElement, HTMLLIElement>(options);
  const list = virtualizer.current;
  list.setOptions(options);
  useLayoutEffect(() => list._didMount(), [list]);
  useLayoutEffect(() => list._willUpdate());
  const rows = list.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more !== null && last >= items.length - ahead) more();
  }, [last, items.length, more]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <ul ref={scroller} class="virtual" tabIndex={0} aria-label={label}>
      <li class="virtual-space" aria-hidden="true" style={{ height: `${list.getTotalSize()}px` }} />
      {rows.map(({ key, index, start }) => {
        const item = items[index];
        return (
          item !== undefined && (
            <li
              key={key}
              ref={(element) => list.measureElement(element)}
              data-index={index}
              aria-setsize={total}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              {children(item)}
            </li>
          )
        );
      })}
    </ul>
  );
}
