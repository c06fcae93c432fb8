"use strict";
// Sends the text of the form as it stands, and shows what comes back.
document.getElementById("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = document.getElementById("status");
  const answer = document.getElementById("answer");
  status.textContent = "Sending…";
  answer.hidden = true;
  const headers = { "Content-Type": "application/json" };
  const token = document.getElementById("token")?.value;
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  try {
    const response = await fetch("api/predict", {
      method: "POST",
      headers,
      body: document.getElementById("body").value,
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
    status.textContent = `Status ${response.status}`;
    answer.hidden = false;
  } catch (error) {
    status.textContent = `The server did not answer: ${error.message}`;
  }
});
