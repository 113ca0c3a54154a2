import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/** A modal dialog: keeps the focus, and closes with Escape. */
export function Dialog({
  heading,
  close,
  children,
}: {
  heading: string;
  close: () => void;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={close}>
      <h2 id={id}>{heading}</h2>
      {children}
    </dialog>
  );
}
