"use client";
import { Crash } from "@/features/shell/Crash";

export default Crash;
