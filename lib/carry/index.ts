/** The front door of the room that knows folders of evidence: written where registries can be reached, read where they cannot. */
export { type CarriedEvidence, openEvidence } from './read.ts';
export { draftEvidence, type EvidenceDraft, type Published } from './write.ts';
