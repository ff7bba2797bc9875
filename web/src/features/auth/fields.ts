"use client";
import { useEffect, useState } from "react";

export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function values(form: HTMLFormElement, names: readonly string[]): Record<string, string> {
  const data = new FormData(form);
  return Object.fromEntries(names.map((name) => [name, String(data.get(name) ?? "")]));
}

/** Errors beside their fields: ours before sending, the server's after. The first wrong field gets the focus. */
export function useFieldErrors(fromServer: Readonly<Record<string, string>>) {
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const key = JSON.stringify(fromServer);
  useEffect(() => setErrors(JSON.parse(key)), [key]);
  return {
    errors,
    check(form: HTMLFormElement, faults: Record<string, string>): boolean {
      setErrors(faults);
      const first = Object.keys(faults)[0];
      if (first) form.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return first === undefined;
    },
    clear(event: { target: EventTarget & { name?: string } }) {
      const name = event.target.name;
      if (name && errors[name]) setErrors(({ [name]: _, ...rest }) => rest);
    },
  };
}
