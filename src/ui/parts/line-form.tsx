import type { ComponentChildren } from 'preact';
import { texts } from '../texts.js';

interface LineFormProps {
  readonly label: string;
  readonly value: string;
  readonly maxLength?: number;
  readonly change: (value: string) => void;
  readonly submit: () => void;
  /** Text of the button; default: Save. */
  readonly submitLabel?: string;
  /** Given when the form edits a text in place. Then only screen readers get the label. */
  readonly cancel?: () => void;
  readonly children?: ComponentChildren;
}

/** A form with one line of text that must not be empty. */
export function LineForm({
  label,
  value,
  maxLength,
  change,
  submit,
  submitLabel = texts.save,
  cancel,
  children,
}: LineFormProps) {
  return (
    <form
      class="line"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label class="grow">
        <span class={cancel && 'unseen'}>{label}</span>
        <input
          required
          dir="auto"
          maxLength={maxLength}
          value={value}
          onInput={(event) => change(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main">
        {submitLabel}
      </button>
      {cancel && (
        <button type="button" onClick={cancel}>
          {texts.cancel}
        </button>
      )}
      {children}
    </form>
  );
}
