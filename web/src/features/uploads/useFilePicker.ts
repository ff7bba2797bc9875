"use client";
import { useCallback } from "react";
import { useNavigate } from "@/lib/nav";
import * as t from "@/texts/en";
import { addFiles } from "./store";

/** Takes files and shows how they fare. */
export function useTakeFiles(): (files: readonly File[]) => void {
  const navigate = useNavigate();
  return useCallback(
    (files) => {
      if (files.length === 0) return;
      addFiles(files);
      if (window.location.pathname !== "/uploads") navigate.to("/uploads");
    },
    [navigate],
  );
}

/** Opens the browser's own dialog to choose files. */
export function useFilePicker(): () => void {
  const take = useTakeFiles();
  return useCallback(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = t.uploads.accept;
    input.onchange = () => take([...(input.files ?? [])]);
    input.click();
  }, [take]);
}
