"use client";
import { useQuery } from "@tanstack/react-query";
import { listUploads } from "@/lib/api";

export const uploadsKey = ["uploads"] as const;
export const useUploads = () => useQuery({ queryKey: uploadsKey, queryFn: listUploads });
