import type { Store } from "../store/store.ts";
import { uploadedArtifacts, type ArtifactFolder } from "./artifact-folder.ts";
import type { Artifacts } from "./manifest.ts";
import { checkedBytes } from "./releases.ts";

/**
 * Brings the bytes that the program uploads from the store into a folder. What is there and whole is not asked for again.
 * @throws SlipwayError when the store lacks bytes or has them with another digest.
 */
export async function materialise(store: Store, artifacts: Artifacts, folder: ArtifactFolder): Promise<void> {
  // All are waited for, also when one fails: nobody writes into the folder once this has ended.
  const ended = await Promise.allSettled(
    uploadedArtifacts(artifacts).map(async ({ kind, name, artifact: { digest } }) => {
      if (await folder.holds(digest)) return;
      await folder.write(digest, await checkedBytes(store, digest, `${kind} ${name}`));
    }),
  );
  const failed = ended.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
