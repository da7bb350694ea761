// @ts-check
/** Names and colours of people, those of the run and those whom somebody added; pure. */

import { t } from "nightjar/core/i18n.js";
import { personName, segmentAt } from "nightjar/clip/model.js";
import { FIRST_ADDED } from "nightjar/clip/skeleton/people.js";
import { hueOf } from "nightjar/clip/overlay.js";

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {import("nightjar/clip/overlay.js").Person} Person */

/** Of people without a label. */
export const GREY = "#9aa19e";

/** @param {number} key @param {readonly number[]} people */
export function nameOf(key, people) {
  if (key < FIRST_ADDED) return personName(key);
  return t("Added {number}", { number: people.filter((one) => one >= FIRST_ADDED).indexOf(key) + 1 });
}

/**
 * Whom keys and buttons are about: the chosen person, else the one whose segment is chosen.
 * @param {Found | null} found @param {number | null} person @param {number | null} selected
 */
export function chosenPerson(found, person, selected) {
  if (person !== null) return person;
  return found?.tracks.find(({ segments }) => segments.some(({ id }) => id === selected))?.index ?? null;
}

/**
 * People as the overlay needs them at a frame.
 * @param {Found} found @param {readonly number[]} people @param {number} frame @param {number | null} chosen
 * @returns {Person[]}
 */
export function peopleAt(found, people, frame, chosen) {
  return people.map((key, order) => {
    const track = found.tracks.find(({ index }) => index === key);
    const label = track && segmentAt(track, frame)?.current?.label;
    const name = nameOf(key, people);
    return {
      key,
      title: label ? `${name} · ${label.name}` : name,
      colour: label?.colour ?? GREY,
      hue: hueOf(order),
      isSelected: key === chosen,
    };
  });
}
