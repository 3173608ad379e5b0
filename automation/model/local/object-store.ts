import type { S3Place } from "./s3-uri.ts";

/** An object as a listing shows it. */
export interface StoredObject {
  key: string;
  size: number;
  /** Another one for another content; the same content mostly has the same. */
  tag: string;
}

/** Where inputs come from and outputs go: S3, or a folder that stands in for it. */
export interface ObjectStore {
  /** For messages: a directory, or an address. */
  readonly location: string;
  /** Objects whose key begins with the prefix, in order. */
  list(place: S3Place): Promise<StoredObject[]>;
  /** The bytes of one object; undefined where there is none. */
  read(place: S3Place): Promise<Uint8Array | undefined>;
  write(place: S3Place, body: Uint8Array | string): Promise<void>;
  /** One object as a file, whose folder is there. */
  download(place: S3Place, file: string): Promise<void>;
  upload(file: string, place: S3Place): Promise<void>;
  /** What a person can open, for the end of a run: a path or the URI itself. */
  show(uri: string): string;
}
