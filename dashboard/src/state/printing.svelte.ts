// Whether the page is being put on paper, which wants all of it, light. Set by the frame alone.
class Printing {
  isOn = $state(false);
}

export const printing = new Printing();
