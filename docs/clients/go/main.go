// Translate one text and show, for each token, the source token that got most of the attention.
//
//	translate TEXT [ADDRESS]
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // lets error details be printed
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	jumokv1 "example/translate/jumok/v1"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: translate TEXT [ADDRESS]")
		os.Exit(2)
	}
	address := "localhost:50051"
	if len(os.Args) > 2 {
		address = os.Args[2]
	}
	if err := translate(os.Args[1], address); err != nil {
		failed := status.Convert(err)
		fmt.Fprintf(os.Stderr, "%v: %s\n", failed.Code(), failed.Message())
		for _, detail := range failed.Details() {
			fmt.Fprintf(os.Stderr, "%T %v\n", detail, detail)
		}
		os.Exit(1)
	}
}

func translate(text, address string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := jumokv1.NewTranslationServiceClient(connection).Translate(ctx, &jumokv1.TranslateRequest{
		Text:      text,
		Attention: jumokv1.Attention_ATTENTION_DENSE_BYTES,
	})
	if err != nil {
		return err
	}
	characters := []rune(text) // offsets count code points, Go's strings bytes
	var source []string
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch event := response.GetEvent().(type) {
		case *jumokv1.TranslateResponse_Source:
			for _, token := range event.Source.GetTokens() {
				covered := string(characters[token.GetStart():token.GetEnd()])
				if covered == "" { // the end of the sentence, for one
					covered = token.GetPiece()
				}
				source = append(source, covered)
			}
		case *jumokv1.TranslateResponse_Tokens:
			for _, token := range event.Tokens.GetTokens() {
				attention := readFloats(token.GetAttentionBytes()) // one weight for each source token
				best := token.GetBestPosition()
				fmt.Printf("%s\t%s\t%.2f\n", token.GetText(), source[best], attention[best])
			}
		case *jumokv1.TranslateResponse_Result:
			fmt.Println(event.Result.GetHypotheses()[0].GetText())
		}
	}
}

// readFloats reads float32, little-endian.
func readFloats(content []byte) []float32 {
	floats := make([]float32, len(content)/4)
	for i := range floats {
		floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(content[4*i:]))
	}
	return floats
}
