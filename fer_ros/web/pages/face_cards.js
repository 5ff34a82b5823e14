// Who is in view, as the server tells it.
import FaceCards from '/static/face_cards.js';

export default FaceCards;
