"use client";
import { useCallback, useRef, useState } from "react";

type Then<Input, Output> = {
  onSuccess?(output: Output, input: Input): void;
  onError?(error: unknown, input: Input): void;
};

/** One call at a time with its state, for pages that are too small to load the query library for it. */
export function useAction<Input, Output>(
  run: (input: Input) => Promise<Output>,
  then: Then<Input, Output> = {},
) {
  const [state, setState] = useState<{ pending: boolean; done: boolean; error: unknown }>({
    pending: false,
    done: false,
    error: null,
  });
  const latest = useRef({ run, then });
  latest.current = { run, then };
  const start = useCallback(async (input: Input) => {
    setState({ pending: true, done: false, error: null });
    try {
      const output = await latest.current.run(input);
      setState({ pending: false, done: true, error: null });
      latest.current.then.onSuccess?.(output, input);
    } catch (error) {
      setState({ pending: false, done: false, error });
      latest.current.then.onError?.(error, input);
    }
  }, []);
  return { ...state, start };
}
