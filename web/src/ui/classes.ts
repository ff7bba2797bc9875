/** How every floating layer looks. */
export const backdropClass =
  "fixed inset-0 z-40 bg-[#0b0d12]/45 transition-opacity duration-150 data-starting-style:opacity-0 data-ending-style:opacity-0";
export const popupClass =
  "rounded-xl border border-line bg-surface text-fg shadow-float outline-none transition-[opacity,translate] duration-150 data-starting-style:opacity-0 data-ending-style:opacity-0 data-starting-style:translate-y-2";
