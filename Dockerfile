# The server with page and model in one static binary.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go run ./site/build && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /server ./server

FROM scratch
COPY --from=build /server /server
USER 1000:1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/server", "-health"]
ENTRYPOINT ["/server"]
