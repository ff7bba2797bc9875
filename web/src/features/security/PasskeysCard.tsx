"use client";
import { Ellipsis, Fingerprint, Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { FormProblem } from "@/features/auth/FormProblem";
import { passkeysKnown } from "@/features/auth/webauthn";
import { ago } from "@/lib/format";
import * as t from "@/texts/en";
import { Button, IconButton } from "@/ui/Button";
import { Chip } from "@/ui/Chip";
import { Later } from "@/ui/Later";
import { newPasskeyOptions, type Passkey, removePasskey } from "./calls";
import { Failure } from "./Failure";
import { useChange, usePasskeys } from "./queries";
import { Row } from "./Row";
import { RowCard } from "./RowCard";

const Confirm = lazy(() => import("@/ui/Confirm"));
const AddPasskeyDialog = lazy(() => import("./AddPasskeyDialog"));
const RenameDialog = lazy(() => import("./RenameDialog"));
const Menu = lazy(async () => ({ default: (await import("@/ui/Menu")).Menu }));
const MenuItem = lazy(async () => ({ default: (await import("@/ui/Menu")).MenuItem }));

const s = t.security.passkeys;

/** One's passkeys: adding, renaming, removing. */
export function PasskeysCard() {
  const passkeys = usePasskeys();
  const begin = useChange(newPasskeyOptions);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const remove = useChange(removePasskey, { said: s.removed, after: () => setRemoving(null) });
  const rows = passkeys.data ?? [];
  const add = (
    <Button busy={begin.isPending} onClick={() => begin.mutate(undefined)}>
      <Plus size={16} aria-hidden />
      {s.add}
    </Button>
  );
  const known = passkeysKnown();
  return (
    <RowCard
      title={s.title}
      lead={s.lead}
      query={passkeys}
      actions={known && rows.length > 0 && add}
      failed={begin.error && <FormProblem error={begin.error} />}
    >
      {rows.map((one) => (
        <PasskeyRow
          key={one.id}
          passkey={one}
          onRename={() => setRenaming(one)}
          onRemove={() => {
            remove.reset();
            setRemoving(one);
          }}
        />
      ))}
      {rows.length === 0 && (
        <Row title={s.emptyTitle} text={known ? s.empty : s.unsupported}>
          {known && add}
        </Row>
      )}
      <Suspense>
        {begin.data && <AddPasskeyDialog options={begin.data} onClose={begin.reset} />}
        {renaming && <RenameDialog passkey={renaming} onClose={() => setRenaming(null)} />}
        {removing && (
          <Confirm
            open
            danger
            title={s.removeTitle(removing.name)}
            text={s.removeText}
            action={s.remove}
            busy={remove.isPending}
            onConfirm={() => remove.mutate(removing.id)}
            onClose={() => setRemoving(null)}
          >
            <Failure error={remove.error} />
          </Confirm>
        )}
      </Suspense>
    </RowCard>
  );
}

function PasskeyRow(props: { passkey: Passkey; onRename(): void; onRemove(): void }) {
  const { name, synced, created_at, last_used_at } = props.passkey;
  const used = last_used_at ? s.used(ago(last_used_at)) : s.unused;
  return (
    <Row
      icon={<Fingerprint size={18} aria-hidden />}
      title={name}
      chips={<Chip>{synced ? s.synced : s.single}</Chip>}
      text={`${s.made(ago(created_at))}, ${used}`}
    >
      <Later place="size-9 pointer-coarse:size-11">
        <Menu
          trigger={
            <IconButton label={s.actions(name)}>
              <Ellipsis size={18} aria-hidden />
            </IconButton>
          }
        >
          <MenuItem onClick={props.onRename}>{s.rename}</MenuItem>
          <MenuItem danger onClick={props.onRemove}>
            {s.remove}
          </MenuItem>
        </Menu>
      </Later>
    </Row>
  );
}
