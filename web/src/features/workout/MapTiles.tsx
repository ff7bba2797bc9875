"use client";
import { useEffect, useRef, useState } from "react";
import { type Frame, type Tiles, tilesOf } from "./tiles";
import type { Track } from "./track";

type Props = { tiles: Tiles; track: Track; frame: Frame; onLost(): void };

/** Pictures of the map, asked for once they are in view, saying neither from which page nor who asks. */
export default function MapTiles({ tiles, track, frame, onLost }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  const [lost, setLost] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (!place.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="absolute inset-0">
      {seen &&
        tilesOf(track, frame, tiles)
          .filter(({ src }) => !lost.has(src))
          .map(({ src, left, top, width, height }) => (
            // biome-ignore lint/performance/noImgElement: another server's picture, which ours must not fetch
            <img
              key={`${src} ${left}`}
              src={src}
              alt=""
              crossOrigin="anonymous"
              referrerPolicy="no-referrer"
              draggable={false}
              className="absolute max-w-none dark:brightness-75"
              style={{ left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` }}
              onError={() => {
                setLost((before) => new Set(before).add(src));
                onLost();
              }}
            />
          ))}
    </div>
  );
}
