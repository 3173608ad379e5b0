/** Families whose disks are in the machine. */
const withDisks = /^ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|[gp]\d+[a-z]*|trn\d+[a-z]*|dl\d+)\./;

/** Whether the disks of an instance are encrypted with a key that one chooses; those in the machine itself always have one of AWS. */
export function takesKey(instanceType: string): boolean {
  return !withDisks.test(instanceType) || /^ml\.p[23]\./.test(instanceType);
}
